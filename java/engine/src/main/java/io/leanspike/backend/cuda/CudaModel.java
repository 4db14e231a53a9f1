package io.leanspike.backend.cuda;

import io.leanspike.backend.BatchRun;
import io.leanspike.backend.Holders;
import io.leanspike.backend.LoadedModel;
import io.leanspike.backend.TokenBatch;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.ModelConfig;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One replica of a model on every device; batches take turns. */
final class CudaModel implements LoadedModel {
    private final List<DeviceModel> replicas;
    private final AtomicInteger turn = new AtomicInteger();
    /** The open model and each open run. */
    private final Holders users = new Holders();
    private final AtomicBoolean closed = new AtomicBoolean();

    CudaModel(List<CudaDevice> devices, ModelConfig config, EncoderWeights weights) {
        replicas = Owned.whole(loaded -> devices.stream().map(device -> loaded.add(DeviceModel.load(device, config, weights))).toList());
    }

    @Override
    public BatchRun begin(TokenBatch batch, Retention retention) {
        if (closed.get()) {
            throw new IllegalStateException("the model is closed");
        }
        users.join("the model");
        try {
            return new CudaRun(this, replicas.get(Math.floorMod(turn.getAndIncrement(), replicas.size())), batch, retention);
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    void release() {
        users.leave(() -> Owned.close(replicas));
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }
}
