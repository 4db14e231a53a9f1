package io.leanspike.cli;

import io.leanspike.BackendSelection;
import io.leanspike.SpikingModel;
import java.util.Optional;

/**
 * The backend that computed a result, as reports name it.
 *
 * @param note why it was not the first choice
 */
record BackendUsed(String name, String device, Optional<String> note) {

    static BackendUsed of(SpikingModel model) {
        BackendSelection selection = model.backend();
        return new BackendUsed(selection.backend().name(), selection.backend().device(), selection.note());
    }
}
