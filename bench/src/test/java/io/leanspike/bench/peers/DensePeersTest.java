package io.leanspike.bench.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.bench.ModelShape;
import io.leanspike.model.ModelConfig;
import io.leanspike.model.SpikingConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The ONNX files that are written compute BERT: {@link DensePeers#check} throws where they do not. */
class DensePeersTest {

    @Test
    void anyShapeIsTheSameBertAsInPyTorch() {
        ModelConfig config = new ModelConfig(70, 20, 5, 36, 3, 32, 2, 1e-12, List.of("a", "b"), new SpikingConfig(List.of(1, 1, 1), 1, 1, 0));
        try (DensePeers dense = DensePeers.of(config, 1)) {
            assertEquals(1, dense.check().size());
            assertTrue(dense.encoder(Entrant.ONNX_INT8).isEmpty(), "there is no 8-bit encoder of this shape");
        }
    }

    @Test
    void miniLmIsThePublishedOneInFloat32AndInEightBits() {
        try (DensePeers dense = DensePeers.of(ModelShape.MINILM.whole(1), 1)) {
            assertEquals(3, dense.check().size());
        }
    }
}
