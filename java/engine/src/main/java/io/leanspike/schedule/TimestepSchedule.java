package io.leanspike.schedule;

import io.leanspike.error.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Timesteps T_l of each encoder layer.
 *
 * @param timesteps one entry a layer, each from 1 to {@value #MAX_TIMESTEPS}
 */
public record TimestepSchedule(List<Integer> timesteps) {
    /** Beyond this a rate code gains nothing and counts would not fit their type in packed form. */
    public static final int MAX_TIMESTEPS = 65_536;

    /** @throws InvalidInputException when an entry is out of range or the list is empty */
    public TimestepSchedule {
        timesteps = List.copyOf(timesteps);
        if (timesteps.isEmpty()) {
            throw new InvalidInputException("timesteps: at least one number is needed");
        }
        for (int t : timesteps) {
            if (t < 1 || t > MAX_TIMESTEPS) {
                throw new InvalidInputException("timesteps: %d is not from 1 to %d".formatted(t, MAX_TIMESTEPS));
            }
        }
    }

    /** The same T in every layer. */
    public static TimestepSchedule uniform(int timesteps, int layers) {
        return new TimestepSchedule(Collections.nCopies(layers, timesteps));
    }

    /**
     * From text: one number for all layers, or one a layer, separated by commas.
     *
     * @throws InvalidInputException when the text is not that
     */
    public static TimestepSchedule parse(String text, int layers) {
        List<Integer> values = new ArrayList<>();
        for (String part : text.split(",", -1)) {
            try {
                values.add(Integer.parseInt(part.strip()));
            } catch (NumberFormatException e) {
                throw new InvalidInputException("timesteps: '%s' is not a whole number (of '%s')".formatted(part, text), e);
            }
        }
        if (values.size() == 1) {
            return uniform(values.getFirst(), layers);
        }
        if (values.size() != layers) {
            throw new InvalidInputException("timesteps: '%s' names %d layers, but the model has %d: give one number, or one a layer"
                    .formatted(text, values.size(), layers));
        }
        return new TimestepSchedule(values);
    }

    /** T of a layer. */
    public int of(int layer) {
        return timesteps.get(layer);
    }

    /** Average of T_l over the layers. */
    public double mean() {
        return timesteps.stream().mapToInt(Integer::intValue).average().orElseThrow();
    }

    public boolean isUniform() {
        return timesteps.stream().distinct().count() == 1;
    }

    @Override
    public String toString() {
        return isUniform() ? timesteps.getFirst().toString()
                : timesteps.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
