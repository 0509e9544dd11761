#include "api/router.h"

#include <algorithm>
#include <ranges>

#include "api/ascii.h"

namespace marconi::api {

namespace {

constexpr std::string_view kQueueField = "{queue}";
constexpr std::string_view kItemField = "{id}";

bool is_enabled(const Operation& operation, const ApiOptions& options) {
  if (operation.version == Version::v1 && !options.enable_v1) return false;
  if (operation.version == Version::v1_1 && !options.enable_v1_1) return false;
  return operation.presence == Presence::always || options.admin_mode;
}

/// The segments behind the leading slash; `/` has one, which is empty.
std::vector<std::string_view> segments_of(std::string_view path) {
  return split(path.substr(1), '/');
}

std::string joined(const std::vector<const Operation*>& operations) {
  std::string out;
  for (const Operation* operation : operations) {
    if (!out.empty()) out += ", ";
    out += operation->method;
  }
  return out;
}

bool fits(const Route& route, std::span<const std::string_view> segments, RouteMatch& match) {
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string_view expected = route.segments[i];
    if (expected == segments[i]) continue;
    if (expected != kQueueField && expected != kItemField) return false;
  }
  match.route = &route;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (route.segments[i] == kQueueField) match.queue = segments[i];
    if (route.segments[i] == kItemField) match.item = segments[i];
  }
  return true;
}

}  // namespace

const Operation* Route::find(std::string_view method) const {
  const auto found = std::ranges::find(operations, method, &Operation::method);
  return found == operations.end() ? nullptr : *found;
}

Router::Router(std::span<const Operation> operations, const ApiOptions& options) {
  for (const Operation& operation : operations) {
    if (is_enabled(operation, options)) add(operation);
  }
}

void Router::add(const Operation& operation) {
  auto segments = segments_of(operation.path);
  auto& routes = routes_.at(segments.size());
  auto route = std::ranges::find(routes, segments, &Route::segments);
  if (route == routes.end()) {
    routes.push_back({.version = operation.version,
                      .segments = std::move(segments),
                      .operations = {},
                      .options_allow = {},
                      .allow = {}});
    route = std::prev(routes.end());
  }
  route->operations.push_back(&operation);
  std::ranges::sort(route->operations, {}, &Operation::method);
  route->options_allow = joined(route->operations);
  route->allow = route->options_allow + ", OPTIONS";
}

std::optional<RouteMatch> Router::match(std::string_view path) const {
  if (!path.starts_with('/')) return std::nullopt;
  std::array<std::string_view, kMaxSegments> segments;
  std::size_t count = 0;
  for (std::string_view rest = path.substr(1);;) {
    if (count == kMaxSegments) return std::nullopt;
    const auto end = rest.find('/');
    segments[count++] = rest.substr(0, end);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  RouteMatch match;
  // Backwards: the newest version, for which most clients ask, is the last one in the table.
  for (const Route& route : routes_[count] | std::views::reverse) {
    if (fits(route, std::span(segments).first(count), match)) return match;
  }
  return std::nullopt;
}

bool is_known_method(std::string_view method) {
  static constexpr std::array<std::string_view, 22> kMethods = {
      "CONNECT",   "DELETE", "GET",    "HEAD",           "OPTIONS",   "PATCH",
      "POST",      "PUT",    "TRACE",  "CHECKIN",        "CHECKOUT",  "COPY",
      "LOCK",      "MKCOL",  "MOVE",   "PROPFIND",       "PROPPATCH", "REPORT",
      "UNCHECKIN", "UNLOCK", "UPDATE", "VERSION-CONTROL"};
  return std::ranges::find(kMethods, method) != kMethods.end();
}

}  // namespace marconi::api
