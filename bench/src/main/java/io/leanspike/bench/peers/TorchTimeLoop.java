package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.leanspike.backend.Population;
import io.leanspike.train.nn.Torch;
import java.util.HashMap;
import java.util.Map;

/**
 * Peer (a): the network one timestep after the other, as the authors of SpikingBERT run theirs: in every step each layer's dense
 * float32 operations on {0, 1} tensors, membranes kept as tensors between the steps. What it is spared: the mask, where there is no
 * padding, and new tensors for membranes, which change in place.
 */
record TorchTimeLoop(TorchLinear linear) implements TorchOrder {

    @Override
    public NDArray logits(TorchEncoder encoder, NDArray wordIds, int timesteps) {
        Membranes membranes = new Membranes(encoder, wordIds);
        NDArray current = encoder.embed(wordIds);
        NDArray total = current.zerosLike();
        for (int t = 0; t < timesteps; t++) {
            NDArray spikes = Torch.keeping(() -> new NDList(membranes.step(Population.EMBEDDING, current))).singletonOrThrow();
            for (int i = 0; i < encoder.layers().size(); i++) {
                int layer = i;
                NDArray input = spikes;
                spikes = Torch.keeping(() -> new NDList(layer(encoder, layer, input, membranes))).singletonOrThrow();
                input.close();
            }
            total.addi(spikes);
            spikes.close();
        }
        NDArray rates = total.get(":, 0").divi(timesteps);
        return encoder.classifier().of(rates, TorchLinear.PLAIN);
    }

    private NDArray layer(TorchEncoder encoder, int number, NDArray input, Membranes membranes) {
        TorchEncoder.Layer layer = encoder.layers().get(number);
        long sequences = input.getShape().get(0);
        long length = input.getShape().get(1);
        NDArray query = layer.query().of(input, linear);
        NDArray key = membranes.step(number, Population.Kind.KEY, layer.key().of(input, linear));
        NDArray value = membranes.step(number, Population.Kind.VALUE, layer.value().of(input, linear));
        NDArray context = membranes.step(number, Population.Kind.CONTEXT, layer.attend(query, key, value, sequences, length));
        NDArray attended = layer.attentionOutputNorm().of(layer.attentionOutput().of(context, linear).addi(input));
        NDArray middle = membranes.step(number, Population.Kind.ATTENTION_OUTPUT, attended);
        NDArray wide = membranes.step(number, Population.Kind.INTERMEDIATE, Torch.gelu(layer.intermediate().of(middle, linear)));
        NDArray narrow = layer.outputNorm().of(layer.output().of(wide, linear).addi(middle));
        return membranes.step(number, Population.Kind.OUTPUT, narrow);
    }

    /** Of every population, allocated before the first step: what is made within a step is freed with it. */
    private static final class Membranes {
        private final TorchNeurons neurons;
        private final Map<Population, NDArray> potentials = new HashMap<>();

        Membranes(TorchEncoder encoder, NDArray wordIds) {
            neurons = TorchNeurons.of(encoder.config().spiking());
            long hidden = encoder.config().hiddenSize();
            for (Population population : Population.all(encoder.layers().size())) {
                long width = switch (population.kind()) {
                    case KEY -> encoder.layers().get(population.layer()).key().bias().size();
                    case VALUE, CONTEXT -> encoder.layers().get(population.layer()).value().bias().size();
                    case INTERMEDIATE -> encoder.layers().get(population.layer()).intermediate().bias().size();
                    case EMBEDDING, ATTENTION_OUTPUT, OUTPUT, INPUT -> hidden;
                };
                potentials.put(population, wordIds.getManager().zeros(new Shape(wordIds.getShape().get(0), wordIds.getShape().get(1), width))
                        .addi(neurons.initialPotential()));
            }
        }

        NDArray step(Population population, NDArray current) {
            return neurons.step(potentials.get(population), current);
        }

        NDArray step(int layer, Population.Kind kind, NDArray current) {
            return step(new Population(layer, kind), current);
        }
    }
}
