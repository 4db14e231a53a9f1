package io.leanspike.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.leanspike.account.EnergyModel;
import io.leanspike.eval.Cost;
import io.leanspike.eval.EarlyExit;
import io.leanspike.eval.Evaluation;
import io.leanspike.eval.PopulationActivity;
import io.leanspike.model.NeuronSettings;
import io.leanspike.model.SpikingConfig;
import io.leanspike.schedule.ExecutionPlan;
import io.leanspike.schedule.Mode;

/**
 * An evaluation for programs to read. Every field is described in java/cli/README.md; a change of meaning changes the number in
 * {@link #SCHEMA}. All fields are always there: what does not apply is null or an empty list.
 */
final class EvalJson {
    static final String SCHEMA = "leanspike.eval/2";
    private static final Gson GSON = new GsonBuilder().setPrettyPrinting().serializeNulls().disableHtmlEscaping().create();

    private EvalJson() {}

    static String text(EvalResult result) {
        return GSON.toJson(json(result)) + "\n";
    }

    private static JsonObject json(EvalResult result) {
        Evaluation evaluation = result.evaluation();
        JsonObject json = new JsonObject();
        json.addProperty("schema", SCHEMA);
        json.add("versions", versions());
        json.addProperty("model", result.modelName());
        json.addProperty("model_bytes", result.modelBytes());
        json.addProperty("task", evaluation.task().toString());
        json.addProperty("data", result.dataName());
        json.addProperty("examples", result.examples());
        json.addProperty("truncated", evaluation.truncated());
        json.addProperty("tokens", evaluation.tokens());
        json.add("metrics", metrics(evaluation));
        addRun(json, result);
        json.addProperty("load_seconds", result.loadSeconds());
        json.addProperty("tokenize_seconds", evaluation.tokenizeSeconds());
        json.addProperty("forward_seconds", evaluation.forwardSeconds());
        json.addProperty("seconds", evaluation.seconds());
        json.addProperty("sequences_per_second", evaluation.sequencesPerSecond());
        json.add("populations", populations(evaluation, result.config().spiking()));
        json.addProperty("sops", evaluation.cost().synapticOperations());
        json.addProperty("sops_live", evaluation.cost().countsLiveWeights());
        json.addProperty("fan_out_operations", evaluation.cost().fanOutOperations());
        json.addProperty("macs", evaluation.cost().macs());
        json.addProperty("dense_macs", evaluation.cost().denseMacs());
        json.add("energy", energy(evaluation.cost()));
        json.add("plan", plan(evaluation.plan()));
        return json;
    }

    private static JsonObject versions() {
        JsonObject json = new JsonObject();
        json.addProperty("leanspike", Version.leanSpike());
        json.addProperty("java", Runtime.version().toString());
        json.addProperty("os", "%s %s".formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
        return json;
    }

    private static JsonObject metrics(Evaluation evaluation) {
        JsonObject json = new JsonObject();
        evaluation.metrics().forEach((name, value) -> json.add(name, number(value)));
        return json;
    }

    private static void addRun(JsonObject json, EvalResult result) {
        boolean spiking = result.options().mode() == Mode.SPIKING;
        json.addProperty("mode", result.options().mode().toString());
        JsonArray timesteps = new JsonArray();
        if (spiking) {
            result.schedule().timesteps().forEach(timesteps::add);
        }
        json.add("timesteps", timesteps);
        json.add("mean_timesteps", spiking ? number(result.schedule().mean()) : JsonNull.INSTANCE);
        json.add("initial_potential", spiking ? number(result.initialPotential()) : JsonNull.INSTANCE);
        json.add("early_exit_margin", number(result.early().margin()));
        JsonArray exits = new JsonArray();
        for (EarlyExit.Stage stage : result.evaluation().exits()) {
            JsonObject exit = new JsonObject();
            JsonArray steps = new JsonArray();
            stage.schedule().timesteps().forEach(steps::add);
            exit.add("timesteps", steps);
            exit.addProperty("sequences", stage.sequences());
            exits.add(exit);
        }
        json.add("exits", exits);
        json.addProperty("backend", result.backend().name());
        json.addProperty("device", result.backend().device());
        json.addProperty("backend_note", result.backend().note().orElse(null));
        json.addProperty("threads", result.options().threads());
        json.addProperty("batch", result.options().batchSize());
    }

    private static JsonArray populations(Evaluation evaluation, SpikingConfig spiking) {
        JsonArray all = new JsonArray();
        for (PopulationActivity activity : evaluation.populations()) {
            JsonObject json = new JsonObject();
            json.addProperty("name", activity.population().toString());
            NeuronSettings neurons = spiking.neurons(activity.population().toString());
            json.addProperty("timesteps", activity.timesteps());
            json.addProperty("threshold", neurons.threshold());
            json.addProperty("initial_potential", neurons.initialPotential());
            json.addProperty("width", activity.width());
            json.addProperty("tokens", activity.tokens());
            json.addProperty("spikes", activity.spikes());
            json.addProperty("density", activity.density());
            all.add(json);
        }
        return all;
    }

    private static JsonObject energy(Cost cost) {
        EnergyModel factors = EnergyModel.FORTY_FIVE_NANOMETRES;
        JsonObject json = new JsonObject();
        json.addProperty("joules", cost.joules());
        json.addProperty("dense_joules", cost.denseJoules());
        json.addProperty("ratio", cost.joules() / cost.denseJoules());
        json.addProperty("picojoules_per_accumulate", factors.picojoulesPerAccumulate());
        json.addProperty("picojoules_per_mac", factors.picojoulesPerMac());
        return json;
    }

    private static JsonObject plan(ExecutionPlan plan) {
        JsonObject json = new JsonObject();
        json.addProperty("sequences", plan.shape().sequences());
        json.addProperty("tokens", plan.shape().rows());
        json.addProperty("longest", plan.shape().longest());
        json.addProperty("calls", plan.calls().size());
        json.addProperty("summary", plan.summary());
        return json;
    }

    /** JSON has no NaN: a correlation that is not defined is null. */
    private static JsonElement number(double value) {
        return Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;
    }
}
