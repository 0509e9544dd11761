// Finds the route of a path and the operation of a method on it.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/operation.h"
#include "api/options.h"

namespace marconi::api {

/// All operations on one path template.
struct Route {
  Version version = Version::none;
  std::vector<std::string_view> segments;
  std::vector<const Operation*> operations;
  std::string options_allow;  ///< the methods in alphabetical order, as OPTIONS answers them
  std::string allow;          ///< the same and OPTIONS, as a 405 answers them

  [[nodiscard]] const Operation* find(std::string_view method) const;
};

struct RouteMatch {
  const Route* route = nullptr;
  std::optional<std::string_view> queue;  ///< unchecked; a view into the path
  std::string_view item;                  ///< the same
};

/// Immutable once made, hence thread-safe.
class Router {
 public:
  /// Leaves out what the options do not enable.
  Router(std::span<const Operation> operations, const ApiOptions& options);

  /// The route of a decoded path, if there is one. A field of a template matches exactly one
  /// segment, which may be empty.
  [[nodiscard]] std::optional<RouteMatch> match(std::string_view path) const;

 private:
  static constexpr std::size_t kMaxSegments = 8;

  void add(const Operation& operation);

  /// By number of segments.
  std::array<std::vector<Route>, kMaxSegments + 1> routes_;
};

/// Whether HTTP knows the method, so that a route without it answers 405 (http-v1 §1.5).
[[nodiscard]] bool is_known_method(std::string_view method);

}  // namespace marconi::api
