// What the configuration says about the API, as one plain struct.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "domain/limits.h"

namespace marconi::api {

/// Which browser pages may call (`[cors]`, auth §6).
struct CorsOptions {
  std::vector<std::string> allowed_origins;  ///< `scheme://host[:port]` or `*`; empty: no CORS
  bool allow_credentials = true;
  std::vector<std::string> expose_headers = {"X-Auth-Token", "X-Subject-Token", "X-Service-Token",
                                             "X-OpenStack-Request-ID"};
  std::int64_t max_age_seconds = 3600;  ///< 0: not said
  std::vector<std::string> allow_methods = {"GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"};
  std::vector<std::string> allow_headers = {
      "X-Auth-Token", "X-Identity-Status",      "X-Roles",      "X-Service-Catalog", "X-User-Id",
      "X-Tenant-Id",  "X-OpenStack-Request-ID", "X-Trace-Info", "X-Trace-HMAC",      "Client-id"};
};

/// What a Client-ID must look like (`[transport]`). API v1 asks for a UUID in any case.
struct ClientIdRules {
  bool must_be_uuid = true;      ///< `client_id_uuid_safe = strict`
  std::int64_t min_length = 10;  ///< in characters, if it need not be a UUID
  std::int64_t max_length = 36;
};

using Counters = std::vector<std::pair<std::string, std::uint64_t>>;

struct ApiOptions {
  domain::Limits limits;
  bool enable_v1 = true;
  bool enable_v1_1 = true;
  bool admin_mode = false;
  bool enable_checksum = false;
  bool message_delete_with_claim_id = false;
  ClientIdRules client_id;
  CorsOptions cors;

  /// Shown at the end of the v2 health report; empty to leave them out. Called from any thread.
  std::function<Counters()> counters;
};

}  // namespace marconi::api
