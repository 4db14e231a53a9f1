package io.leanspike.backend.cuda;

import io.leanspike.backend.BatchRun;
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
    /** 1 for the open model and 1 for each open run; the replicas are freed when it comes to 0. */
    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    CudaModel(List<CudaDevice> devices, ModelConfig config, EncoderWeights weights) {
        replicas = Owned.whole(loaded -> devices.stream().map(device -> loaded.add(DeviceModel.load(device, config, weights))).toList());
    }

    @Override
    public BatchRun begin(TokenBatch batch, Retention retention) {
        if (closed.get() || users.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new IllegalStateException("the model is closed");
        }
        try {
            return new CudaRun(this, replicas.get(Math.floorMod(turn.getAndIncrement(), replicas.size())), batch, retention);
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    void release() {
        if (users.decrementAndGet() == 0) {
            replicas.forEach(DeviceModel::close);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }
}
