// The versions of the API.
#pragma once

#include <string_view>

namespace marconi::api {

enum class Version {
  none,  ///< the root, which lists the versions
  v1,
  v1_1,
  v2,
};

/// What all paths of a version start with; empty for the root.
constexpr std::string_view prefix_of(Version version) {
  switch (version) {
    case Version::none:
      return "";
    case Version::v1:
      return "/v1";
    case Version::v1_1:
      return "/v1.1";
    case Version::v2:
      return "/v2";
  }
  return "";
}

}  // namespace marconi::api
