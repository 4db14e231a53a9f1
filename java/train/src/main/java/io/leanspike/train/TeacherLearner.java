package io.leanspike.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.NDScope;
import io.leanspike.model.SafetensorsWriter;
import io.leanspike.train.data.ModelFiles;
import io.leanspike.train.data.TaskExamples;
import io.leanspike.train.data.TaskScore;
import io.leanspike.train.loop.Learner;
import io.leanspike.train.loop.Loss;
import io.leanspike.train.nn.BertForward;
import io.leanspike.train.nn.EncoderParameters;
import io.leanspike.train.nn.HuggingFaceTensors;
import io.leanspike.train.nn.Leaves;
import io.leanspike.train.nn.Parameter;
import io.leanspike.train.nn.TokenTensors;
import io.leanspike.train.nn.Trained;
import io.leanspike.train.nn.WordTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Fine-tunes an ordinary BERT encoder with a task head on the true answers. */
final class TeacherLearner implements Learner {
    private final NDManager manager;
    private final EncoderParameters parameters;
    private final List<String> vocabulary;
    private final float dropout;
    private final TaskExamples train;
    private final TaskExamples dev;

    TeacherLearner(NDManager manager, EncoderParameters parameters, List<String> vocabulary, float dropout, TaskExamples train,
            TaskExamples dev) {
        this.manager = manager;
        this.parameters = parameters;
        this.vocabulary = vocabulary;
        this.dropout = dropout;
        this.train = train;
        this.dev = dev;
    }

    @Override
    public Trained trained() {
        return parameters;
    }

    @Override
    public BatchLoss loss(int[] batch, double progress) {
        TokenTensors tokens = TokenTensors.of(manager, train.texts().select(batch));
        WordTable.Rows rows = parameters.words().rows(tokens.distinct());
        Leaves leaves = parameters.addTo(Leaves.forTraining());
        BertForward training = new BertForward(parameters, leaves, dropout);
        NDArray logits = training.logits(training.run(tokens, rows));
        NDArray loss = TaskScore.loss(train, logits, TaskScore.golds(train, manager, batch));
        return new BatchLoss(leaves, rows, new Loss(loss, Map.of()), tokens.tokens());
    }

    @Override
    public SequencedMap<String, Double> evaluate() {
        try (NDScope scope = new NDScope()) {
            scope.suppressNotUsedWarning();
            BertForward inference = BertForward.frozen(parameters);
            return TaskScore.metrics(dev, TaskScore.logits(dev, manager, tokens ->
                    inference.logits(inference.run(tokens, parameters.words().rows(tokens.distinct())))));
        }
    }

    @Override
    public void save(Path folder) {
        ModelFiles.write(folder,
                ModelFiles.config(parameters.shape(), TaskScore.labels(train.task()), "BertForSequenceClassification"), vocabulary);
        SafetensorsWriter.write(folder.resolve("model.safetensors"),
                HuggingFaceTensors.of(parameters, Parameter::value, parameters.words().value().toFloatArray()), Map.of("format", "pt"));
    }
}
