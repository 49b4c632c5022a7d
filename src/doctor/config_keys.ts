import { hintAtNearest } from "../config/nearest.ts";
import type { ConfigView, Finding } from "./finding.ts";
import { nestedOf, type OwnEntry, settingsOf } from "./lines.ts";

/** Settings whose name nobody knows, where it is near one that is known. */
export function checkKeys({ file, lines }: ConfigView): Finding[] {
  // A block is a service's: plugins of the AWS CLI have one for each.
  const nested = Map.groupBy(nestedOf(lines), ({ section }) => section);
  const isBlock = ({ section, key }: OwnEntry) =>
    nested.get(section)?.some(({ below }) => below === key) ?? false;
  return settingsOf(lines).filter((entry) => !isBlock(entry))
    .flatMap((entry) => checkKey(entry, file.path));
}

function checkKey({ key, number, section }: OwnEntry, path: string): Finding[] {
  const known = [...KEYS, ...KEYS_OF_OTHERS];
  const isServices = section.id.startsWith("services ");
  if (isServices || known.includes(key) || /^(x|cli|granted|aws)_/.test(key)) return [];
  const [hint] = hintAtNearest(key, known, MOST_SLIPS);
  if (hint === undefined) return [];
  return [{
    id: "config.key",
    severity: "warning",
    file: path,
    line: number,
    message: `${key} is no setting that is known; ${hint}`,
    effect: "it counts for nothing",
    wayOut: "write the name of the setting that is meant",
  }];
}

/** More slips than these are another word. */
const MOST_SLIPS = 2;

/** The settings that are read here. */
export const KEYS: readonly string[] = [
  ...["region", "mfa_serial", "mfa_process", "role_arn", "role_session_name", "external_id"],
  ...["duration_seconds", "source_profile", "credential_source", "include_profile"],
  ...["parent_profile", "sso_session", "sso_start_url", "sso_region", "sso_account_id"],
  ...["sso_role_name", "sso_registration_scopes", "web_identity_token_file"],
  ...["web_identity_token_process", "sts_regional_endpoints", "endpoint_url", "services"],
  ...["session_tags", "transitive_session_tags", "source_identity", "credential_process"],
  ...["login_session", "vault_expected_account", "ignore_configured_endpoint_urls"],
  ...["use_fips_endpoint", "use_dualstack_endpoint"],
];

/** Those of the AWS CLI and SDKs: they are right, and read by others. */
const KEYS_OF_OTHERS: readonly string[] = [
  ...["output", "ca_bundle", "s3", "max_attempts", "retry_mode", "parameter_validation"],
  ...["tcp_keepalive", "defaults_mode"],
  ...["sdk_ua_app_id", "sigv4a_signing_region_set", "request_min_compression_size_bytes"],
  ...["disable_request_compression", "ec2_metadata_service_endpoint"],
  ...["ec2_metadata_service_endpoint_mode", "ec2_metadata_v1_disabled"],
  ...["endpoint_discovery_enabled", "account_id_endpoint_mode", "metadata_service_timeout"],
  ...["metadata_service_num_attempts", "request_checksum_calculation", "sso_account_name"],
  ...["response_checksum_validation", "auth_scheme_preference", "sso_auto_populated"],
  ...["s3_disable_multiregion_access_points", "signature_version", "api_versions", "dynamodb"],
  ...["sts", "iam", "sso", "sso_oidc", "ec2", "account", "role", "color"],
];
