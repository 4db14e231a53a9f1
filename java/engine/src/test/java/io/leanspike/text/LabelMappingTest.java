package io.leanspike.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.leanspike.error.InvalidInputException;
import java.util.List;
import org.junit.jupiter.api.Test;

class LabelMappingTest {

    @Test
    void theModelsOwnOrderOfTheNamesDecides() {
        LabelMapping mapping = LabelMapping.of(GlueTask.MNLI, List.of("CONTRADICTION", "entailment", "Neutral"));
        assertEquals(List.of(2, 0, 1), mapping.taskLabels());
        for (int logit = 0; logit < 3; logit++) {
            assertEquals(logit, mapping.logit(mapping.taskLabel(logit)));
        }
    }

    @Test
    void separatorsInNamesDoNotMatter() {
        assertEquals(List.of(1, 0), LabelMapping.of(GlueTask.RTE, List.of("not-entailment", "Entailment")).taskLabels());
        assertEquals(List.of(0, 1), LabelMapping.of(GlueTask.QQP, List.of("not duplicate", "DUPLICATE")).taskLabels());
    }

    @Test
    void genericNamesFollowHuggingFacesOrder() {
        assertEquals(List.of(0, 1, 2), LabelMapping.of(GlueTask.MNLI, List.of("LABEL_0", "LABEL_1", "LABEL_2")).taskLabels());
        assertEquals(List.of(0, 1), LabelMapping.of(GlueTask.SST_2, List.of("0", "1")).taskLabels());
    }

    @Test
    void regressionHasOneOutputOfAnyName() {
        assertEquals(List.of(0), LabelMapping.of(GlueTask.STS_B, List.of("LABEL_0")).taskLabels());
        assertRefused(GlueTask.STS_B, List.of("LABEL_0", "LABEL_1"), "1 output", "has 2");
    }

    @Test
    void anotherNumberOfLabelsIsRefusedWithBothLists() {
        assertRefused(GlueTask.MNLI, List.of("negative", "positive"),
                "[entailment, neutral, contradiction]", "[negative, positive]");
    }

    @Test
    void otherNamesAreRefusedWithBothLists() {
        assertRefused(GlueTask.SST_2, List.of("good", "bad"), "[negative, positive]", "[good, bad]", "id2label");
        assertRefused(GlueTask.SST_2, List.of("LABEL_1", "LABEL_0"), "[LABEL_1, LABEL_0]");
        assertRefused(GlueTask.SST_2, List.of("positive", "positive"), "[positive, positive]");
        assertRefused(GlueTask.SST_2, List.of("LABEL_0", "positive"), "[LABEL_0, positive]");
    }

    private static void assertRefused(GlueTask task, List<String> modelLabels, String... parts) {
        InvalidInputException refused = assertThrows(InvalidInputException.class, () -> LabelMapping.of(task, modelLabels));
        for (String part : parts) {
            assertTrue(refused.getMessage().contains(part), "'%s' is not in: %s".formatted(part, refused.getMessage()));
        }
    }
}
