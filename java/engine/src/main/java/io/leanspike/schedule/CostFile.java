package io.leanspike.schedule;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.leanspike.backend.CpuMatmul;
import io.leanspike.backend.WeightKind;
import io.leanspike.error.FileFailure;
import io.leanspike.error.InvalidInputException;
import io.leanspike.model.JsonFields;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A {@link CostModel} as a JSON file: what {@code leanspike bench tune} measured on a machine.
 *
 * <pre>{@code
 * {"schema": 1, "machine": "AMD EPYC", "cache_bytes": 393216, "kernels": [
 *   {"variant": "AVX-512 VPOPCNTDQ", "weights": "ternary", "kernel": "bytes", "weight_ps": 0.02, "mac_ps": 0.1, "spike_ps": 1.4}, ...]}
 * }</pre>
 *
 * <p>It lies where the system property {@value #PROPERTY} says ({@value #SHIPPED}: use what is shipped), else in
 * {@code $XDG_CONFIG_HOME/leanspike/cpu-costs.json}, else in {@code ~/.config/leanspike/cpu-costs.json}. The choice of kernels changes no result.
 */
public final class CostFile {
    public static final String PROPERTY = "leanspike.costs";
    public static final String SHIPPED = "shipped";
    private static final int SCHEMA = 1;
    private static final String RESOURCE = "cpu-costs.json";
    /** Picoseconds beyond this are no cost of a weight. */
    private static final double MOST_PICOSECONDS = 1e9;

    private CostFile() {}

    /** Where the file of this user lies, or would. */
    public static Path location() {
        String named = System.getProperty(PROPERTY);
        if (named != null && !named.equals(SHIPPED)) {
            return Path.of(named);
        }
        Path config = Optional.ofNullable(System.getenv("XDG_CONFIG_HOME")).filter(text -> !text.isEmpty()).map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".config"));
        return config.resolve("leanspike").resolve(RESOURCE);
    }

    /**
     * This user's costs over those that are shipped.
     *
     * @throws InvalidInputException when the file is damaged, or the one that the property names is not there; says which and what to do
     */
    public static CostModel load() {
        String named = System.getProperty(PROPERTY);
        Path file = location();
        if (SHIPPED.equals(named) || named == null && !Files.exists(file)) {
            return CostModel.DEFAULT;
        }
        return read(file);
    }

    /** @throws InvalidInputException as {@link #load} */
    public static CostModel read(Path file) {
        try {
            return parse(file, Files.readAllBytes(file)).orElse(CostModel.DEFAULT);
        } catch (IOException e) {
            throw new InvalidInputException("%s: the costs of the CPU kernels cannot be read (%s): name another file by -D%s=FILE, or measure by 'leanspike bench tune'"
                    .formatted(file, e, PROPERTY), e);
        } catch (InvalidInputException e) {
            throw new InvalidInputException("%s; remove the file, or measure again by 'leanspike bench tune --force'".formatted(e.getMessage()), e);
        }
    }

    static CostModel shipped() {
        try (InputStream in = CostFile.class.getResourceAsStream(RESOURCE)) {
            return parse(Path.of(RESOURCE), in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CostModel parse(Path file, byte[] bytes) {
        JsonFields fields = JsonFields.parse(file, bytes);
        fields.integer("schema", SCHEMA, SCHEMA);
        List<KernelCost> kernels = new ArrayList<>();
        for (JsonFields kernel : fields.objects("kernels")) {
            kernels.add(new KernelCost(kernel.string("variant"),
                    one(kernel, "weights", WeightKind.values()), one(kernel, "kernel", CpuMatmul.values()),
                    picoseconds(kernel, "weight_ps"), picoseconds(kernel, "mac_ps"), picoseconds(kernel, "spike_ps")));
        }
        return new CostModel(fields.integer("cache_bytes", 1 << 12, 1 << 30), kernels);
    }

    private static double picoseconds(JsonFields kernel, String field) {
        return kernel.number(field, value -> value >= 0 && value <= MOST_PICOSECONDS, "from 0 to " + MOST_PICOSECONDS);
    }

    private static <E extends Enum<E>> E one(JsonFields kernel, String field, E[] among) {
        String text = kernel.string(field);
        return Arrays.stream(among).filter(value -> value.toString().equals(text)).findFirst()
                .orElseThrow(() -> kernel.invalid(field, "is \"%s\", but must be one of %s".formatted(text, Arrays.toString(among))));
    }

    /**
     * Writes a file that {@link #read} reads: as a whole or not at all.
     *
     * @param machine that the costs were measured on
     * @throws InvalidInputException when it cannot be written
     */
    public static void write(Path file, String machine, CostModel costs) {
        JsonObject json = new JsonObject();
        json.addProperty("schema", SCHEMA);
        json.addProperty("machine", machine);
        json.addProperty("cache_bytes", costs.cacheBytes());
        JsonArray kernels = new JsonArray();
        for (KernelCost cost : costs.kernels()) {
            JsonObject kernel = new JsonObject();
            kernel.addProperty("variant", cost.variant());
            kernel.addProperty("weights", cost.weights().toString());
            kernel.addProperty("kernel", cost.kernel().toString());
            kernel.addProperty("weight_ps", rounded(cost.weight()));
            kernel.addProperty("mac_ps", rounded(cost.mac()));
            kernel.addProperty("spike_ps", rounded(cost.spike()));
            kernels.add(kernel);
        }
        json.add("kernels", kernels);
        String text = new GsonBuilder().setPrettyPrinting().create().toJson(json) + "\n";
        Path target = file.toAbsolutePath();
        try {
            Files.createDirectories(target.getParent());
            Path whole = Files.createTempFile(target.getParent(), "cpu-costs", ".json");
            try {
                Files.writeString(whole, text, StandardCharsets.UTF_8);
                Files.move(whole, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (IOException e) {
            throw new InvalidInputException("%s cannot be written: %s".formatted(file, FileFailure.words(e)), e);
        }
    }

    /** Four digits: more is noise. */
    private static double rounded(double picoseconds) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3e", picoseconds));
    }
}
