// Lines in which a negation, a contrast or a condition turns what the other words say: where a student of few timesteps errs most.
//   node contrast.mjs reviews.txt contrast.txt 9
//   node contrast.mjs GLUE/SST-2/train.tsv LONG/SST-2/train.tsv 4 12
// Keeps lines of at least LEAST words that have such a word, and all lines of at least LONG words. Of a .tsv, the first column is read and the header
// line stays.
import { readFileSync, writeFileSync } from 'node:fs';

const [source, target, least, long] = process.argv.slice(2);
if (!source || !target || !(Number(least) > 0)) {
  console.error('usage: node contrast.mjs FILE TARGET LEAST [LONG]');
  process.exit(2);
}

const TURNS = new RegExp("\\b(not|never|no|none|nothing|nobody|but|however|although|though|despite|too|without|hardly|barely|neither|nor|instead|"
  + "rather|except|unless|if|would|could|should|lacks?|fails?|only|enough|yet|while)\\b|n't\\b", 'i');
const lines = readFileSync(source, 'utf8').trim().split('\n');
const head = source.endsWith('.tsv') ? lines.splice(0, 1) : [];
const kept = lines.filter((line) => {
  const text = line.split('\t')[0].trim();
  const words = text.split(' ').length;
  return words >= Number(long ?? Infinity) || (words >= Number(least) && TURNS.test(text));
});
writeFileSync(target, [...head, ...kept].join('\n') + '\n');
console.error(`${target}: ${kept.length} of ${lines.length} lines`);
