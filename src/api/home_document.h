// The home document of a version: its resources for machines to find (http-v2 §3).
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/handler.h"

namespace marconi::api {

struct HomeResource {
  std::string_view rel;
  std::string_view href;  ///< a template if there are variables or `is_template` says so
  std::vector<std::pair<std::string_view, std::string_view>> variables;
  std::vector<std::string_view> allow;
  bool accepts_post = false;
  bool is_template = true;
};

/// The document, indented by four spaces as the reference writes it.
[[nodiscard]] std::string home_document(std::span<const HomeResource> resources);

/// The answer that carries it.
[[nodiscard]] Response home_response(const std::string& document);

}  // namespace marconi::api
