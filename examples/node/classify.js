// usage: node classify.js ADDRESS TEXT [ISSUE]

import { connect } from "./client.js";

const [address, text, issue = ""] = process.argv.slice(2);
if (!text) {
  console.error("usage: node classify.js ADDRESS TEXT [ISSUE]");
  process.exit(2);
}

const client = connect(address, { token: process.env.DEMARCHE_TOKEN });
try {
  const answer = await client.classify({ article: { text }, issue });
  for (const { party, stances } of answer.countries) {
    for (const { stance, target, confidence, evidence } of stances) {
      const { startOffset, endOffset } = evidence[0];
      const label = stance.replace("STANCE_", "").toLowerCase();
      const toward = target.issue || target.party.displayName;
      console.log(`${party.displayName} is ${label} toward ${toward} (${confidence.toFixed(2)}):`);
      console.log(`  ${text.slice(startOffset, endOffset)}`);
    }
  }
} catch (error) {
  console.error(`classify.js: ${error.message}`);
  process.exitCode = 1;
} finally {
  client.close();
}
