package io.leanspike.bench.peers;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.leanspike.backend.Population;
import io.leanspike.train.nn.Torch;

/**
 * Peer (b): layer by layer, all timesteps of a layer in one product [T B L, inputs] x [inputs, outputs], then a scan over time:
 * what someone who knows PyTorch well would write, since no neuron feeds back.
 */
record TorchTimeFolded(TorchLinear linear) implements TorchOrder {

    /** Turns what a population's product or norm gave into its spikes; both [T B, L, width], time outermost. */
    @FunctionalInterface
    interface Firing {
        NDArray spikes(Population population, NDArray values);

        /** Currents are the values themselves, except behind GELU. */
        static NDArray currents(Population population, NDArray values) {
            return population.kind() == Population.Kind.INTERMEDIATE ? Torch.gelu(values) : values;
        }

        /** The neurons that the encoder's config asks for. */
        static Firing of(TorchEncoder encoder, int timesteps) {
            TorchNeurons neurons = TorchNeurons.of(encoder.config().spiking());
            return (population, values) -> neurons.scan(currents(population, values), timesteps);
        }
    }

    @Override
    public NDArray logits(TorchEncoder encoder, NDArray wordIds, int timesteps) {
        NDArray output = spikes(encoder, wordIds, timesteps, Firing.of(encoder, timesteps));
        long sequences = wordIds.getShape().get(0);
        NDArray rates = output.get(":, 0").reshape(timesteps, sequences, -1).mean(new int[] {0});
        return encoder.classifier().of(rates, TorchLinear.PLAIN);
    }

    /** Spikes of the last layer [T B, L, hidden]. */
    NDArray spikes(TorchEncoder encoder, NDArray wordIds, int timesteps, Firing firing) {
        NDArray current = encoder.embed(wordIds);
        NDArray spikes = firing.spikes(Population.EMBEDDING, current.tile(new long[] {timesteps, 1, 1}));
        for (int i = 0; i < encoder.layers().size(); i++) {
            int layer = i;
            NDArray input = spikes;
            spikes = Torch.keeping(() -> new NDList(layer(encoder.layers().get(layer), layer, input, firing))).singletonOrThrow();
            input.close();
        }
        return spikes;
    }

    private NDArray layer(TorchEncoder.Layer layer, int number, NDArray input, Firing firing) {
        long batch = input.getShape().get(0);
        long length = input.getShape().get(1);
        NDArray query = layer.query().of(input, linear);
        NDArray key = firing.spikes(new Population(number, Population.Kind.KEY), layer.key().of(input, linear));
        NDArray value = firing.spikes(new Population(number, Population.Kind.VALUE), layer.value().of(input, linear));
        NDArray context = firing.spikes(new Population(number, Population.Kind.CONTEXT), layer.attend(query, key, value, batch, length));
        NDArray attended = layer.attentionOutputNorm().of(layer.attentionOutput().of(context, linear).addi(input));
        NDArray middle = firing.spikes(new Population(number, Population.Kind.ATTENTION_OUTPUT), attended);
        NDArray wide = firing.spikes(new Population(number, Population.Kind.INTERMEDIATE), layer.intermediate().of(middle, linear));
        NDArray narrow = layer.outputNorm().of(layer.output().of(wide, linear).addi(middle));
        return firing.spikes(new Population(number, Population.Kind.OUTPUT), narrow);
    }
}
