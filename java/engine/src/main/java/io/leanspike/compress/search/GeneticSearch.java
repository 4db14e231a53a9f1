package io.leanspike.compress.search;

import io.jenetics.AltererResult;
import io.jenetics.Genotype;
import io.jenetics.IntegerChromosome;
import io.jenetics.IntegerGene;
import io.jenetics.Phenotype;
import io.jenetics.Selector;
import io.jenetics.UniformCrossover;
import io.jenetics.engine.Engine;
import io.jenetics.engine.EvolutionStart;
import io.jenetics.ext.moea.NSGA2Selector;
import io.jenetics.ext.moea.UFTournamentSelector;
import io.jenetics.util.ISeq;
import io.jenetics.util.RandomRegistry;
import io.jenetics.util.Seq;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * NSGA-II over a {@link SearchSpace}, with the selectors of Jenetics: of parents and offspring together the best stay, by rank and then by
 * room around them; parents meet in tournaments. It runs on one thread and draws from one seeded generator, so that the same answers always
 * lead to the same questions.
 */
final class GeneticSearch {
    private static final double CROSSOVER = 0.9;
    private static final double SWAP = 0.3;
    /** Genes of a candidate that a mutation changes, on average. */
    private static final double MUTATIONS = 1.5;
    /** Of the mutations, those that go to a neighbouring alternative. */
    private static final double STEPS = 0.7;
    /** More mutations that a candidate known already gets. */
    private static final int RENEWALS = 8;

    private final SearchSpace space;
    private final int[] sizes;
    private final int population;
    private final Function<Candidate, Standing> evaluation;
    private final Set<Candidate> asked = new HashSet<>();

    /** @param evaluation also asked for what it has been asked before */
    GeneticSearch(SearchSpace space, int population, Function<Candidate, Standing> evaluation) {
        this.space = space;
        this.sizes = space.sizes();
        this.population = population;
        this.evaluation = evaluation;
    }

    /**
     * Evaluates a first population, the seeds and neighbours of them, and so many generations.
     *
     * @param seeds the first of them are taken
     */
    void run(List<Candidate> seeds, int generations, long seed) {
        RandomRegistry.with(new SplittableRandom(seed)).run(() -> evolve(seeds, generations));
    }

    private void evolve(List<Candidate> seeds, int generations) {
        ISeq<Phenotype<IntegerGene, Standing>> first = evaluate(first(seeds));
        NSGA2Selector<IntegerGene, Standing> best =
                new NSGA2Selector<>(Standing::dominance, Standing::compare, Standing::distance, Standing::dimensions);
        Selector<IntegerGene, Standing> tournament =
                new UFTournamentSelector<>(Standing::dominance, Standing::compare, Standing::distance, Standing::dimensions);
        Engine<IntegerGene, Standing> engine = new Engine.Builder<>(this::evaluate, first.get(0).genotype())
                .populationSize(2 * population).offspringSize(population).survivorsSize(population)
                .maximalPhenotypeAge(Long.MAX_VALUE)
                .survivorsSelector(best)
                .offspringSelector((all, count, optimize) -> tournament.select(
                        best.select(all, Math.min(population, all.size()), optimize), count, optimize))
                .alterers(new UniformCrossover<>(CROSSOVER, SWAP), this::mutate)
                .executor(Runnable::run)
                .build();
        EvolutionStart<IntegerGene, Standing> start = EvolutionStart.of(first, 1);
        for (int generation = 0; generation < generations; generation++) {
            start = engine.evolve(start).next();
        }
    }

    private ISeq<Phenotype<IntegerGene, Standing>> first(List<Candidate> seeds) {
        RandomGenerator random = RandomRegistry.random();
        List<int[]> genomes = new ArrayList<>(seeds.stream().limit(population).map(space::encode).toList());
        genomes.forEach(genes -> asked.add(space.decode(genes)));
        int given = genomes.size();
        while (genomes.size() < population) {
            int[] genes = genomes.get(random.nextInt(given)).clone();
            for (int i = 0; i < 1 + sizes.length / 4; i++) {
                change(genes, random);
            }
            genomes.add(unasked(genes, random));
        }
        return genomes.stream().map(genes -> Phenotype.<IntegerGene, Standing>of(genotype(genes), 1)).collect(ISeq.toISeq());
    }

    private ISeq<Phenotype<IntegerGene, Standing>> evaluate(Seq<Phenotype<IntegerGene, Standing>> all) {
        return all.stream().map(one -> one.isEvaluated() ? one : one.withFitness(evaluation.apply(space.decode(genes(one)))))
                .collect(ISeq.toISeq());
    }

    /** Offspring that has been asked for before is changed on, so that every generation brings something new. */
    private AltererResult<IntegerGene, Standing> mutate(Seq<Phenotype<IntegerGene, Standing>> offspring, long generation) {
        RandomGenerator random = RandomRegistry.random();
        return new AltererResult<>(offspring.stream().map(one -> {
            int[] genes = genes(one);
            for (int gene = 0; gene < genes.length; gene++) {
                if (random.nextDouble() < MUTATIONS / genes.length) {
                    genes[gene] = changed(genes[gene], sizes[gene], random);
                }
            }
            return Phenotype.<IntegerGene, Standing>of(genotype(unasked(genes, random)), generation);
        }).collect(ISeq.toISeq()), offspring.size());
    }

    private int[] unasked(int[] genes, RandomGenerator random) {
        for (int i = 0; i < RENEWALS && asked.contains(space.decode(genes)); i++) {
            change(genes, random);
        }
        asked.add(space.decode(genes));
        return genes;
    }

    private void change(int[] genes, RandomGenerator random) {
        int gene = random.nextInt(genes.length);
        genes[gene] = changed(genes[gene], sizes[gene], random);
    }

    /** Alternatives stand in an order, so most changes go to a neighbour. */
    private static int changed(int index, int size, RandomGenerator random) {
        return random.nextDouble() < STEPS ? Math.clamp(index + (random.nextBoolean() ? 1 : -1), 0, size - 1) : random.nextInt(size);
    }

    private static int[] genes(Phenotype<IntegerGene, Standing> phenotype) {
        return phenotype.genotype().chromosome().as(IntegerChromosome.class).toArray();
    }

    /** All genes of a chromosome have one range; that each stays in its own is up to {@link #changed}, and crossover keeps places. */
    private Genotype<IntegerGene> genotype(int[] genes) {
        int most = IntStream.of(sizes).max().orElseThrow();
        return Genotype.of(IntegerChromosome.of(
                IntStream.of(genes).mapToObj(gene -> IntegerGene.of(gene, 0, most)).toArray(IntegerGene[]::new)));
    }
}
