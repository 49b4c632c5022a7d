import { ENVIRONMENT } from "../credentials/steps.ts";
import { asArgument } from "../errors.ts";

/** A refusal by AWS, as its SDK tells it. */
interface Refusal {
  /** AWS's code. */
  readonly name: string;
  readonly message: string;
  readonly status: number;
}

/** The ways out of a refusal of a call, for whom it was. */
export function hintsAtRefusal(
  refusal: Refusal,
  { call, subject }: { readonly call: string; readonly subject: string },
): string[] {
  return [...hintsAtCode(refusal, call), ...hintsAtSettings(refusal, subject)];
}

function hintsAtCode({ name: code, message, status }: Refusal, call: string): readonly string[] {
  if (SERIAL_FAULT.test(message)) return SERIAL_HINTS;
  if (/MultiFactorAuthentication/.test(message)) {
    return [
      "an MFA code is good once and for 30 seconds: try with the next one;",
      "where none is taken, the clock of the device that shows it is off",
    ];
  }
  switch (code) {
    case "AccessDenied":
    case "AccessDeniedException":
      return hintsAtPermission(call.split(" ", 1)[0]!);
    case "InvalidClientTokenId":
      return [
        "AWS does not know this access key: was it deleted or made inactive?",
        "where it was rotated on another machine, aws-vault add stores the new one here",
        "where it works elsewhere: is this region enabled for the account, and of its partition? " +
        "Another is set with --region",
      ];
    case "SignatureDoesNotMatch":
      if (CLOCK_FAULT.test(message)) return CLOCK_HINTS;
      return ["the secret access key is not the one that belongs to the access key id"];
    case "RequestExpired":
    case "RequestTimeTooSkewed":
      return CLOCK_HINTS;
    case "ExpiredToken":
    case "ExpiredTokenException":
      return [
        "kept sessions are dropped with: aws-vault clear; what comes from the environment, a " +
        "credential_process or a service beside us is renewed there",
      ];
    case "ValidationError":
      if (/'durationSeconds'/i.test(message)) return RANGE_HINTS;
      return /MaxSessionDuration/.test(message) ? LENGTH_HINTS : [];
    case "RegionDisabledException":
      return ["the region is not enabled for the account; set another with --region"];
    default:
      return PASSING.test(code) || status >= 500 ? PASSING_HINTS : [];
  }
}

/** Faults that lie in what the profile says, or in the keys it takes. */
const OF_SETTINGS = /^(InvalidClientTokenId|ValidationError)$/;

/** Where to look them up. */
function hintsAtSettings({ name, message }: Refusal, subject: string): readonly string[] {
  const profile = /^profile (.*)$/s.exec(subject)?.[1];
  const lies = OF_SETTINGS.test(name) || SERIAL_FAULT.test(message) ||
    (name === "SignatureDoesNotMatch" && !CLOCK_FAULT.test(message));
  return profile !== undefined && lies ? [adviseOnOrigin(profile)] : [];
}

/** Where credentials come from: those that `login` finds in the environment are no profile's. */
export function adviseOnOrigin(profile: string): string {
  return profile === ENVIRONMENT
    ? "the keys are those in the environment: see AWS_ACCESS_KEY_ID and what goes with it"
    : `see whose keys and which settings these are with: aws-vault explain ${asArgument(profile)}`;
}

const SERIAL_FAULT = /serial number is valid|'serialNumber'/;
const SERIAL_HINTS = [
  "mfa_serial is no device of the user whose keys these are: the IAM console has its ARN under " +
  "Security credentials",
];
const LENGTH_HINTS = [
  "the role allows less: shorten duration_seconds, --duration or AWS_ASSUME_ROLE_TTL",
];
const RANGE_HINTS = [
  "AWS gives roles for 15m to 12h, and sessions of a user for 15m to 36h",
];
const CLOCK_FAULT = /^Signature (expired|not yet current)/;
const CLOCK_HINTS = ["this machine's clock is off: compare `date -u` with the real time"];

const PASSING =
  /Throttl|TooManyRequests|Unavailable|InternalFailure|InternalError|InternalServer|^IDPCommunication/;
export const PASSING_HINTS = ["that passes by itself: try again in a moment"];

/** What may be missing, by the call that was denied. */
function hintsAtPermission(action: string): readonly string[] {
  if (action === "AssumeRoleWithWebIdentity") return TOKEN_HINTS;
  if (action === "AssumeRole") return ROLE_HINTS;
  if (action === "GetSessionToken") {
    return ["a policy denies sts:GetSessionToken; -n (--no-session) goes without a session"];
  }
  if (!/AccessKey|^GetUser$/.test(action)) return [];
  return [
    `a policy has to allow iam:${action} to the user for itself (aws:username);`,
    "where it wants MFA for that: set mfa_serial, and leave -n out",
  ];
}

const TOKEN_HINTS = [
  "the role does not trust the token, or there is no such role: its trust policy has to name the " +
  "token's provider (Federated), aud and sub",
];
/** AWS says the same to all of these. */
const ROLE_HINTS = [
  "the role does not trust whoever asks, or there is no such role: see its trust policy;",
  "or it wants more to be said: MFA (mfa_serial), an external_id, session_tags, a source_identity",
];
