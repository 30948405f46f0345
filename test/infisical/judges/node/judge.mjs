// Copyright 2026 The SecretSync Authors.
// SPDX-License-Identifier: Apache-2.0

// Asks an Infisical server through Infisical's own SDK, and prints what it was answered: a JSON
// object by question, whose answers are what the SDK returned or {"refused": its words}.
// The input is a JSON object: address, clientId, clientSecret, adminToken, project (an id), unique.
import { readFileSync } from "node:fs";
import { InfisicalSDK } from "@infisical/sdk";

const given = JSON.parse(readFileSync(0, "utf8"));
const answers = {};

async function ask(question, how) {
  try {
    answers[question] = await how();
  } catch (refusal) {
    answers[question] = { refused: refusal.message };
  }
}

const byKey = (secrets) => Object.fromEntries(secrets.map((s) => [s.secretKey, s.secretValue]));

const sdk = new InfisicalSDK({ siteUrl: given.address });
await ask("login", async () => {
  await sdk.auth().universalAuth.login({ clientId: given.clientId, clientSecret: given.clientSecret });
  return Boolean(sdk.auth().getAccessToken());
});
await ask("renew", async () => {
  await sdk.auth().universalAuth.renew();
  return Boolean(sdk.auth().getAccessToken());
});

const at = (secretPath) => ({ projectId: given.project, environment: "dev", secretPath });
const secrets = sdk.secrets();

const list = async (options) => byKey((await secrets.listSecrets(options)).secrets);
await ask("list", () => list({ ...at("/"), expandSecretReferences: false }));
await ask("list expanded", () => list({ ...at("/"), expandSecretReferences: true }));
await ask("list recursive", () => list({ ...at("/api"), recursive: true }));
await ask("list hidden", () => list({ ...at("/first"), viewSecretValue: false }));
await ask("list with imports", async () => byKey(await secrets.listSecretsWithImports(at("/api"))));
await ask("list nowhere", () => list(at("/none")));

const get = async (options) => {
  const s = await secrets.getSecret(options);
  return { value: s.secretValue, version: s.version, path: s.secretPath, hidden: s.secretValueHidden };
};
await ask("get", () => get({ ...at("/"), secretName: "PLAIN" }));
for (const version of [1, 2, 3, 9]) {
  await ask(`get version ${version}`, () => get({ ...at("/"), secretName: "PLAIN", version }));
}
await ask("get expanded", () => get({ ...at("/"), secretName: "COMPOSED" }));
await ask("get imported", () => get({ ...at("/api"), secretName: "BOTH", includeImports: true }));
await ask("get nothing", () => get({ ...at("/"), secretName: "NONE" }));

const written = ({ secret }) => ({ key: secret.secretKey, value: secret.secretValue, version: secret.version, comment: secret.secretComment });
await ask("create", async () => written(await secrets.createSecret("MADE", { ...at("/api"), secretValue: "1", secretComment: "why" })));
await ask("create again", async () => written(await secrets.createSecret("MADE", { ...at("/api"), secretValue: "1" })));
await ask("update", async () => written(await secrets.updateSecret("MADE", { ...at("/api"), secretValue: "2" })));
await ask("rename", async () => written(await secrets.updateSecret("MADE", { ...at("/api"), newSecretName: "RENAMED" })));
await ask("delete", async () => written(await secrets.deleteSecret("RENAMED", at("/api"))));
await ask("get deleted", () => get({ ...at("/api"), secretName: "RENAMED" }));

const folder = { projectId: given.project, environment: "dev", path: "/api" };
await ask("create folder", async () => (await sdk.folders().create({ ...folder, name: "made" })).name);
await ask("list folders", async () => (await sdk.folders().listFolders(folder)).map((f) => f.name).sort());

await ask("login wrongly", async () => {
  await new InfisicalSDK({ siteUrl: given.address }).auth().universalAuth.login({ clientId: given.clientId, clientSecret: "wrong" });
});

const administrator = new InfisicalSDK({ siteUrl: given.address });
administrator.auth().accessToken(given.adminToken);
await ask("create project", async () => {
  const project = await administrator.projects().create({ projectName: given.unique, type: "secret-manager", slug: given.unique });
  const environment = await administrator.environments().create({ projectId: project.id, name: "Preview", slug: "preview" });
  return { slug: project.slug, environment: environment.slug };
});

process.stdout.write(JSON.stringify(answers));
