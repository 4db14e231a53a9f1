package io.leanspike.train.nn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;

/** What the optimizer moves. */
public interface Trained {

    /** Everything but the word table. */
    List<Parameter> parameters();

    WordTable words();

    /** Values and moments by name: all that a resumed training needs of it. */
    Map<String, NDArray> state();
}
