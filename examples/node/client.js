// The contract, loaded from proto/ at run time: no generated code.

import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const PROTO = fileURLToPath(new URL("../../proto", import.meta.url));
const { StanceService } = grpc.loadPackageDefinition(
  loader.loadSync("demarche/v1/stance_service.proto", { includeDirs: [PROTO], enums: String, oneofs: true }),
).demarche.v1;

// Calls go round all addresses of the name. One that finds no server is made again, up to 5 times.
const SERVICE_CONFIG = JSON.stringify({
  loadBalancingConfig: [{ round_robin: {} }],
  methodConfig: [
    {
      name: [{ service: "demarche.v1.StanceService", method: "Classify" }],
      retryPolicy: {
        maxAttempts: 5,
        initialBackoff: "0.1s",
        maxBackoff: "5s",
        backoffMultiplier: 2,
        retryableStatusCodes: ["UNAVAILABLE"],
      },
    },
  ],
});

// An address, or "ipv4:10.0.0.1:50051,10.0.0.2:50051" for several. `ca` (a Buffer of PEM) switches TLS on.
export function connect(address, { token, ca } = {}) {
  const credentials = ca ? grpc.credentials.createSsl(ca) : grpc.credentials.createInsecure();
  const client = new StanceService(address, credentials, { "grpc.service_config": SERVICE_CONFIG });
  const metadata = () => {
    const headers = new grpc.Metadata();
    if (token) headers.set("authorization", `Bearer ${token}`);
    return headers;
  };

  return {
    close: () => client.close(),

    // One article; rejects with grpc's error, whose `details` say what is wrong.
    classify: (request, seconds = 20) =>
      new Promise((resolve, reject) => {
        const deadline = Date.now() + seconds * 1000;
        client.Classify(inUtf16(request), metadata(), { deadline }, (error, answer) =>
          error ? reject(error) : resolve(answer),
        );
      }),

    // Any number of { id, request }; yields { id, response } or { id, error } as they come. It sends and reads at the
    // same time, as it must: the server takes no more while its answers are not read.
    async *stream(messages) {
      const call = client.StreamClassify(metadata());
      const sent = send(call, messages).catch((error) => call.destroy(error));
      try {
        for await (const answer of call) yield answer;
      } finally {
        call.cancel();
        await sent;
      }
    },
  };
}

async function send(call, messages) {
  for await (const { id, request } of messages) {
    if (!call.write({ id, request: inUtf16(request) })) await drained(call);
    if (call.destroyed) return;
  }
  call.end();
}

// Waits until more may be sent, or the call has ended.
function drained(call) {
  const events = ["drain", "close", "error"];
  return new Promise((resolve) => {
    const done = () => {
      for (const event of events) call.off(event, done);
      resolve();
    };
    for (const event of events) call.once(event, done);
  });
}

// JavaScript counts strings in UTF-16 units, so `text.slice(start, end)` is right.
function inUtf16(request) {
  return { ...request, offsetEncoding: "OFFSET_ENCODING_UTF16" };
}
