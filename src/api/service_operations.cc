// Operations about the service itself: which versions there are, and whether it is alive.
#include "api/common_operations.h"
#include "api/responses.h"

namespace marconi::api {

using base::Result;

namespace {

/// Always all three, whatever is enabled (http-v1 §2).
constexpr std::string_view kVersions =
    R"({"versions": [)"
    R"({"id": "1", "status": "DEPRECATED", "updated": "2014-9-11T17:47:05Z", )"
    R"("media-types": [{"base": "application/json", )"
    R"("type": "application/vnd.openstack.messaging-v1+json"}], )"
    R"("links": [{"href": "/v1/", "rel": "self"}]}, )"
    R"({"id": "1.1", "status": "DEPRECATED", "updated": "2016-7-29T02:22:47Z", )"
    R"("media-types": [{"base": "application/json", )"
    R"("type": "application/vnd.openstack.messaging-v1_1+json"}], )"
    R"("links": [{"href": "/v1.1/", "rel": "self"}]}, )"
    R"({"id": "2", "status": "CURRENT", "updated": "2014-9-24T04:06:47Z", )"
    R"("media-types": [{"base": "application/json", )"
    R"("type": "application/vnd.openstack.messaging-v2+json"}], )"
    R"("links": [{"href": "/v2/", "rel": "self"}]}]})";

}  // namespace

Result<Response> list_versions(Exchange&) { return json_response(300, std::string(kVersions)); }

Result<Response> confirm_liveness(Exchange&) { return no_content(); }

Result<Response> ping(Exchange& exchange) {
  const auto answered = exchange.services.health.ping(exchange.call);
  if (answered) return no_content();
  if (answered.error().kind == base::ErrorKind::would_block) {
    return std::unexpected(answered.error());
  }
  return storage_down();
}

}  // namespace marconi::api
