#include "api/cors.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/ascii.h"

namespace marconi::api {

namespace {

using Names = std::vector<std::string_view>;

/// Browsers send these without asking.
constexpr std::array<std::string_view, 8> kSimpleHeaders = {
    "Accept",           "Accept-Language", "Content-Type",  "Cache-Control",
    "Content-Language", "Expires",         "Last-Modified", "Pragma"};

template <class Range>
std::string joined(const Range& names) {
  std::string out;
  for (const std::string_view name : names) {
    if (!out.empty()) out += ',';
    out += name;
  }
  return out;
}

/// What Access-Control-Allow-Origin says; nothing if the origin is not allowed.
std::optional<std::string_view> allowed_origin(const CorsOptions& options,
                                               std::string_view origin) {
  const auto& allowed = options.allowed_origins;
  if (std::ranges::find(allowed, origin) != allowed.end()) return origin;
  if (std::ranges::find(allowed, "*") != allowed.end()) return "*";
  return std::nullopt;
}

void add_vary(Response& response) {
  const auto vary =
      std::ranges::find(response.headers, "Vary", &std::pair<std::string, std::string>::first);
  if (vary == response.headers.end()) {
    response.headers.emplace_back("Vary", "Origin");
  } else {
    vary->second += ",Origin";
  }
}

void add_origin(const CorsOptions& options, std::string_view origin, Response& response) {
  add_vary(response);
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  if (options.allow_credentials) {
    response.headers.emplace_back("Access-Control-Allow-Credentials", "true");
  }
}

Names requested_headers(const Request& request) {
  Names names;
  const auto value = request.header("Access-Control-Request-Headers");
  if (!value) return names;
  for (const std::string_view name : split(*value, ',')) {
    if (!trimmed(name).empty()) names.push_back(trimmed(name));
  }
  return names;
}

bool may_be_sent(const CorsOptions& options, std::string_view name) {
  const auto is_name = [&](std::string_view other) { return equals_ignoring_case(name, other); };
  return std::ranges::any_of(kSimpleHeaders, is_name) ||
         std::ranges::any_of(options.allow_headers, is_name);
}

void answer_preflight(const CorsOptions& options, std::string_view origin, const Request& request,
                      Response& response) {
  const auto method = request.header("Access-Control-Request-Method");
  const auto& methods = options.allow_methods;
  if (!method || std::ranges::find(methods, *method) == methods.end()) return;
  const Names headers = requested_headers(request);
  if (!std::ranges::all_of(headers, [&](auto name) { return may_be_sent(options, name); })) return;
  add_origin(options, origin, response);
  if (options.max_age_seconds != 0) {
    response.headers.emplace_back("Access-Control-Max-Age",
                                  std::to_string(options.max_age_seconds));
  }
  response.headers.emplace_back("Access-Control-Allow-Methods", *method);
  if (!headers.empty()) {
    response.headers.emplace_back("Access-Control-Allow-Headers", joined(headers));
  }
}

}  // namespace

void apply_cors(const CorsOptions& options, const Request& request, Response& response) {
  if (options.allowed_origins.empty()) return;
  const auto sent = request.header("Origin");
  if (!sent) return;
  const auto origin = allowed_origin(options, *sent);
  if (!origin) return;
  if (request.method == "OPTIONS") {
    answer_preflight(options, *origin, request, response);
    return;
  }
  add_origin(options, *origin, response);
  if (!options.expose_headers.empty()) {
    response.headers.emplace_back("Access-Control-Expose-Headers", joined(options.expose_headers));
  }
}

}  // namespace marconi::api
