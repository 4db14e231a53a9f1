package io.leanspike.text;

/** The measures GLUE ranks models by. The text form is the name in reports. */
public enum GlueMetric {
    ACCURACY("accuracy"),
    F1("f1"),
    MATTHEWS_CORRELATION("matthews_correlation"),
    PEARSON("pearson"),
    SPEARMAN("spearmanr");

    private final String text;

    GlueMetric(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
