package io.leanspike.compress;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;

/**
 * Principal components of a population's accumulated membrane potentials, after arXiv 2104.12528: how many of them hold nearly all of the
 * energy, and how much of that energy each unit carries.
 *
 * @param components the fewest that hold {@value #SHARE} of the energy
 * @param energy of each unit: sum over these components of eigenvalue x squared loading
 */
public record Spectrum(int components, double[] energy) {
    /** Share of the energy that the components kept must hold. */
    static final double SHARE = 0.99;

    /** @param covariance [units, units], symmetric */
    static Spectrum of(double[][] covariance) {
        int units = covariance.length;
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(units, true, true);
        if (!eigen.decompose(new DMatrixRMaj(covariance))) {
            throw new IllegalStateException("the covariance of %d potentials has no eigenvectors".formatted(units));
        }
        List<Integer> order = IntStream.range(0, units).boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -eigen.getEigenvalue(i).getReal())).toList();
        double all = 0;
        for (int i = 0; i < units; i++) {
            all += covariance[i][i];
        }
        double[] energy = new double[units];
        double held = 0;
        int components = 0;
        while (components < units && held < SHARE * all) {
            int index = order.get(components++);
            double value = Math.max(0, eigen.getEigenvalue(index).getReal());
            held += value;
            DMatrixRMaj vector = eigen.getEigenVector(index);
            for (int j = 0; j < units; j++) {
                energy[j] += value * vector.get(j) * vector.get(j);
            }
        }
        return new Spectrum(components, energy);
    }
}
