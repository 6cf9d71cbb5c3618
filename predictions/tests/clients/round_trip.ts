// What a TypeScript program does by the generated client: score, read, list, deny, and send a file.
import {
  batchesCreate,
  predictionsCreate,
  predictionsDecisionsCreate,
  predictionsList,
  predictionsRetrieve,
} from "./client";
import { client } from "./client/client.gen";
import type { Application, DenialWithCode, Prediction } from "./client";

declare const process: { argv: string[]; exitCode: number };

async function main(address: string, token: string, application: Application, table: string): Promise<void> {
  client.setConfig({ baseUrl: address, auth: (way) => (way.scheme === "bearer" ? token : undefined) });
  const scored = await predictionsCreate({ body: application, throwOnError: true });
  const made = scored.data as Prediction; // one application, so no list of rows
  const read = await predictionsRetrieve({ path: { id: String(made.id) }, throwOnError: true });
  const listed = await predictionsList({ query: { Loan_ID: made.Loan_ID }, throwOnError: true });
  const denial: DenialWithCode = { verdict: "denied", code: "hidden_risk", note: "The employer has closed." };
  const decided = await predictionsDecisionsCreate({
    path: { id: String(made.id) },
    body: denial,
    throwOnError: true,
  });
  const denied = "code" in decided.data ? decided.data.code : "no decision";
  const file = new File([table], "mine.csv", { type: "text/csv" });
  const batch = await batchesCreate({ body: { file }, throwOnError: true });
  const name = "name" in batch.data ? batch.data.name : "no batch";
  const listedIds = listed.data.results.map((row) => row.id);
  console.log(JSON.stringify([made.id, read.data.id, listedIds, denied, name]));
}

main(process.argv[2]!, process.argv[3]!, JSON.parse(process.argv[4]!), process.argv[5]!).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
