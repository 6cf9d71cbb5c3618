// What a TypeScript program does by the generated client: score an application, read it, list it, send a file.
import { batchesCreate, predictionsCreate, predictionsList, predictionsRetrieve } from "./client";
import { client } from "./client/client.gen";
import type { Application, Prediction } from "./client";

declare const process: { argv: string[]; exitCode: number };

async function main(address: string, token: string, application: Application, table: string): Promise<void> {
  client.setConfig({ baseUrl: address, auth: (way) => (way.scheme === "bearer" ? token : undefined) });
  const scored = await predictionsCreate({ body: application, throwOnError: true });
  const made = scored.data as Prediction; // one application, so no list of rows
  const read = await predictionsRetrieve({ path: { id: String(made.id) }, throwOnError: true });
  const listed = await predictionsList({ query: { Loan_ID: made.Loan_ID }, throwOnError: true });
  const file = new File([table], "mine.csv", { type: "text/csv" });
  const batch = await batchesCreate({ body: { file }, throwOnError: true });
  const name = "name" in batch.data ? batch.data.name : "no batch";
  console.log(JSON.stringify([made.id, read.data.id, listed.data.results.map((row) => row.id), name]));
}

main(process.argv[2]!, process.argv[3]!, JSON.parse(process.argv[4]!), process.argv[5]!).catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
