import { AwsError } from "./aws_error.ts";
import { type Incoming, json, listUnknown, type Operation, type Reply } from "./http.ts";
import { createToken } from "./oidc_token.ts";
import {
  CODE_GRANT,
  DEVICE_GRANT,
  oidcError,
  type OidcInput,
  readClient,
  readInput,
  REFRESH_GRANT,
} from "./oidc_parts.ts";
import type { OidcClient } from "./sso_state.ts";
import type { World } from "./world.ts";

const GRANTS = [DEVICE_GRANT, CODE_GRANT, REFRESH_GRANT];
const SCOPE = /^[a-z][\w-]*(:[\w*-]+)*$/;

/** `authorization_pending` from `AuthorizationPendingException`: AWS says both. */
function nameError(code: string): string {
  return code.replace(/Exception$/, "").replace(/(?!^)[A-Z]/g, "_$&").toLowerCase();
}

function refuse(error: AwsError): Reply {
  const body = { error: nameError(error.code), error_description: error.message };
  return json(error.status, body, { "x-amzn-errortype": error.code });
}

function registerClient(world: World, input: OidcInput): Reply {
  const name = input.text("clientName");
  if (!name || input.text("clientType") !== "public") {
    throw oidcError("InvalidClientMetadata", "Invalid client metadata");
  }
  const grantTypes = input.list("grantTypes") ?? [DEVICE_GRANT, REFRESH_GRANT];
  if (!grantTypes.every((grant) => GRANTS.includes(grant))) {
    throw oidcError("UnsupportedGrantType", "Unsupported grant type");
  }
  const redirectUris = input.list("redirectUris") ?? [];
  const issuerUrl = input.text("issuerUrl");
  if (grantTypes.includes(CODE_GRANT)) checkCodeClient(world, redirectUris, issuerUrl);
  const scopes = input.list("scopes") ?? [];
  if (!scopes.every((scope) => SCOPE.test(scope))) throw oidcError("InvalidScope", "Invalid scope");
  const issuedSeconds = Math.floor(world.now() / 1000);
  const lifeSeconds = world.sso.clientSeconds;
  const client: OidcClient = {
    id: world.ids.opaque("client"),
    secret: world.ids.opaque("client-secret"),
    name,
    scopes,
    grantTypes,
    redirectUris,
    issuerUrl,
    expiresMs: (issuedSeconds + lifeSeconds) * 1000,
  };
  world.sso.clients.set(client.id, client);
  return json(200, {
    clientId: client.id,
    clientSecret: client.secret,
    clientIdIssuedAt: issuedSeconds,
    clientSecretExpiresAt: issuedSeconds + lifeSeconds,
  });
}

/** A client that gets codes has to say where from, and where browsers are to bring them. */
function checkCodeClient(world: World, redirectUris: readonly string[], issuerUrl?: string): void {
  const isLocal = (uri: string) => /^http:\/\/127\.0\.0\.1(:\d+)?\/[\w/-]+$/.test(uri);
  if (redirectUris.length === 0 || !redirectUris.every(isLocal)) {
    throw oidcError("InvalidRedirectUri", "Invalid redirect uri");
  }
  if (!issuerUrl || !world.sso.findInstance(issuerUrl)) {
    throw oidcError("InvalidRequest", "Invalid issuer url");
  }
}

function startDeviceAuthorization(world: World, input: OidcInput, url: string): Reply {
  const client = readClient(world, input);
  if (!client.grantTypes.includes(DEVICE_GRANT)) {
    throw oidcError("UnauthorizedClient", "Client is not registered for device authorization");
  }
  const instance = world.sso.findInstance(input.text("startUrl") ?? "");
  if (!instance) throw oidcError("InvalidRequest", "Invalid start URL");
  const { deviceCodeSeconds, intervalSeconds } = instance;
  const userCode = world.ids.userCode();
  const deviceCode = world.ids.opaque("device-code");
  world.sso.authorizations.push({
    deviceCode,
    userCode,
    client,
    instance,
    expiresMs: world.now() + deviceCodeSeconds * 1000,
    state: instance.approvesAtOnce ? "approved" : "pending",
    intervalSeconds,
  });
  return json(200, {
    deviceCode,
    userCode,
    verificationUri: `${url}/device`,
    verificationUriComplete: `${url}/device?user_code=${userCode}`,
    expiresIn: deviceCodeSeconds,
    interval: intervalSeconds,
  });
}

interface OidcAction {
  readonly action: string;
  /** The fields of AWS' model, without what the stand-in would do nothing with. */
  readonly names: readonly string[];
  run(world: World, input: OidcInput, url: string): Reply | Promise<Reply>;
}

const ACTIONS: Readonly<Record<string, OidcAction>> = {
  "/client/register": {
    action: "RegisterClient",
    names: ["clientName", "clientType", "scopes", "redirectUris", "grantTypes", "issuerUrl"],
    run: registerClient,
  },
  "/device_authorization": {
    action: "StartDeviceAuthorization",
    names: ["clientId", "clientSecret", "startUrl"],
    run: startDeviceAuthorization,
  },
  "/token": {
    action: "CreateToken",
    names: [
      ...["clientId", "clientSecret", "grantType", "deviceCode"],
      ...["code", "redirectUri", "codeVerifier", "refreshToken"],
    ],
    run: createToken,
  },
};

/** IAM Identity Center's OIDC service: JSON by POST, unsigned. */
export function findOidcOperation(
  world: World,
  request: Incoming,
  url: string,
): Operation | undefined {
  const found = request.method === "POST" ? ACTIONS[request.path] : undefined;
  if (!found) return undefined;
  const input = readInput(request);
  return {
    service: "oidc",
    action: found.action,
    params: input.params,
    run() {
      const unknown = listUnknown(input.params, found.names);
      if (unknown.length > 0) throw oidcError("InvalidRequest", `Unknown fields: ${unknown}`);
      return found.run(world, input, url);
    },
    refuse,
  };
}
