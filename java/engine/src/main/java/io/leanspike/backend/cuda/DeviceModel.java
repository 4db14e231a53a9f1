package io.leanspike.backend.cuda;

import io.leanspike.backend.GpuMatmul.Form;
import io.leanspike.backend.Projection;
import io.leanspike.backend.Readers;
import io.leanspike.backend.SynapsePlanes;
import io.leanspike.backend.WeightKind;
import io.leanspike.model.EncoderWeights;
import io.leanspike.model.LayerShape;
import io.leanspike.model.LayerWeights;
import io.leanspike.model.ModelConfig;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;

/** A model's replica on one device. Products are packed when a plan first asks for them, in the kind and company it asks for. */
final class DeviceModel implements Owned.Resource {
    /** What is packed together. */
    private record Product(int layer, List<Projection> projections, Form form, WeightKind kind) {}

    /** Where the heads of a layer begin. */
    record HeadOffsets(DeviceMemory keys, DeviceMemory values) {}

    /** What reads a population of a layer. */
    private record Reading(int layer, Readers readers) {}

    /** Planes on the device, one after the other. */
    record Synapses(DeviceMemory memory, SynapsePlanes planes) {}

    private final CudaDevice device;
    private final ModelConfig config;
    private final EncoderWeights weights;
    private final CudaStream uploads;
    private final StoredMatrix word;
    private final StoredMatrix position;
    private final StoredMatrix tokenType;
    private final Norm embeddingNorm;
    private final StoredMatrix classifier;
    private final DeviceMemory classifierBias;
    private final List<HeadOffsets> headOffsets = new ArrayList<>();
    private final Map<Product, PackedWeights> products = new HashMap<>();
    private final Map<Reading, Synapses> synapses = new HashMap<>();
    private final ConcurrentLinkedDeque<CudaWorkspace> idle = new ConcurrentLinkedDeque<>();
    private final Owned owned;

    static DeviceModel load(CudaDevice device, ModelConfig config, EncoderWeights weights) {
        device.makeCurrent();
        return Owned.whole(parts -> new DeviceModel(device, config, weights, parts));
    }

    private DeviceModel(CudaDevice device, ModelConfig config, EncoderWeights weights, Owned owned) {
        this.device = device;
        this.config = config;
        this.weights = weights;
        this.owned = owned;
        owned.add(device.retain());
        uploads = owned.add(new CudaStream());
        word = owned.add(StoredMatrix.of(weights.embeddings().word()));
        position = owned.add(StoredMatrix.of(weights.embeddings().position()));
        tokenType = owned.add(StoredMatrix.of(weights.embeddings().tokenType()));
        embeddingNorm = owned.add(Norm.of(weights.embeddings().norm()));
        classifier = owned.add(StoredMatrix.of(weights.classifier().weight()));
        classifierBias = owned.add(DeviceMemory.of(weights.classifier().bias()));
        for (LayerShape layer : config.layers()) {
            headOffsets.add(new HeadOffsets(owned.add(DeviceMemory.of(layer.heads().keyOffsets())),
                    owned.add(DeviceMemory.of(layer.heads().valueOffsets()))));
        }
    }

    CudaDevice device() {
        return device;
    }

    ModelConfig config() {
        return config;
    }

    StoredMatrix word() {
        return word;
    }

    StoredMatrix position() {
        return position;
    }

    StoredMatrix tokenType() {
        return tokenType;
    }

    Norm embeddingNorm() {
        return embeddingNorm;
    }

    StoredMatrix classifier() {
        return classifier;
    }

    DeviceMemory classifierBias() {
        return classifierBias;
    }

    HeadOffsets headOffsets(int layer) {
        return headOffsets.get(layer);
    }

    LayerWeights layer(int layer) {
        return weights.layers().get(layer);
    }

    synchronized PackedWeights product(int layer, List<Projection> projections, Form form, WeightKind kind) {
        return products.computeIfAbsent(new Product(layer, projections, form, kind), product -> PackedWeights.of(device, uploads, form,
                kind, projections.stream().map(projection -> projection.weights(layer(layer))).toList(),
                projections.size() == 1 ? projections.getFirst().norm(layer(layer)) : Optional.empty()));
    }

    synchronized Synapses synapses(int layer, Readers readers) {
        return synapses.computeIfAbsent(new Reading(layer, readers), reading -> {
            SynapsePlanes planes = SynapsePlanes.of(readers.fanOut(layer(layer)), 1);
            return new Synapses(DeviceMemory.of(planes.byPlane()), planes);
        });
    }

    CudaWorkspace borrow() {
        return Optional.ofNullable(idle.pollFirst()).orElseGet(CudaWorkspace::new);
    }

    void giveBack(CudaWorkspace workspace) {
        idle.addFirst(workspace);
    }

    @Override
    public void close() {
        synapses.values().forEach(reading -> owned.add(reading.memory()));
        products.values().forEach(owned::add);
        idle.forEach(owned::add);
        try (owned) {
            device.makeCurrent();
        }
    }
}
