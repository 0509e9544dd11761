#include "api/request_headers.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "api/ascii.h"
#include "api/errors.h"

namespace marconi::api {

namespace {

// ---- Accept -------------------------------------------------------------------------------------

struct MediaRange {
  std::string_view type;
  std::string_view subtype;
  double quality = 1;
};

/// The `q` among the parameters of a range; what cannot be read or is out of range counts as 1.
double quality_of(std::string_view parameters) {
  for (const std::string_view parameter : split(parameters, ';')) {
    const auto sign = parameter.find('=');
    if (sign == std::string_view::npos) continue;
    if (!equals_ignoring_case(trimmed(parameter.substr(0, sign)), "q")) continue;
    const std::string_view text = trimmed(parameter.substr(sign + 1));
    double quality = 1;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), quality);
    const bool whole = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
    return whole && quality >= 0 && quality <= 1 ? quality : 1;
  }
  return 1;
}

std::optional<MediaRange> parse_media_range(std::string_view text) {
  const std::size_t end = std::min(text.find(';'), text.size());
  std::string_view full = trimmed(text.substr(0, end));
  if (full == "*") full = "*/*";
  const auto slash = full.find('/');
  if (slash == std::string_view::npos || full.find('/', slash + 1) != std::string_view::npos) {
    return std::nullopt;
  }
  return MediaRange{trimmed(full.substr(0, slash)), trimmed(full.substr(slash + 1)),
                    quality_of(text.substr(end))};
}

/// How specifically a range matches `application/json`; negative if it does not.
int fitness(const MediaRange& range) {
  const bool type_named = equals_ignoring_case(range.type, "application");
  const bool subtype_named = equals_ignoring_case(range.subtype, "json");
  if (!type_named && range.type != "*") return -1;
  if (!subtype_named && range.subtype != "*") return -1;
  return (type_named ? 100 : 0) + (subtype_named ? 10 : 0);
}

// ---- Client-ID ----------------------------------------------------------------------------------

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

base::Result<std::optional<domain::ClientId>> parse_client_id(std::string_view text,
                                                              bool must_be_uuid,
                                                              const ClientIdRules& rules) {
  auto uuid = domain::ClientId::from_uuid(text);
  if (must_be_uuid) {
    if (!uuid) return std::unexpected(errors::client_id_malformed());
    return uuid;
  }
  const std::size_t length = count_characters(text);
  if (std::cmp_less(length, rules.min_length) || std::cmp_greater(length, rules.max_length)) {
    return std::unexpected(errors::client_id_malformed());
  }
  return uuid ? std::move(*uuid) : domain::ClientId(std::string(text));
}

}  // namespace

std::optional<std::string_view> joined_header(const Request& request, std::string_view name,
                                              std::string& memory) {
  std::optional<std::string_view> joined;
  for (const Header& header : request.headers) {
    if (!equals_ignoring_case(header.name, name)) continue;
    if (joined) {
      if (memory.empty()) memory = *joined;
      joined = memory.append(", ").append(header.value);
    } else {
      joined = header.value;
    }
  }
  return joined;
}

bool accepts_json(std::string_view accept) {
  if (trimmed(accept).empty()) return true;
  int best = -1;
  double quality = 0;
  for (const std::string_view part : split(accept, ',')) {
    const auto range = parse_media_range(part);
    if (!range) return false;
    if (const int fit = fitness(*range); fit > best) {
      best = fit;
      quality = range->quality;
    }
  }
  return best >= 0 && quality > 0;
}

bool accepts_json(const Request& request) {
  std::string memory;
  const auto accept = joined_header(request, "Accept", memory);
  if (!accept || *accept == "application/json" || *accept == "*/*") return true;
  return accepts_json(*accept);
}

bool has_form_content(const Request& request) {
  if (!request.content_length) return false;
  const auto type = request.header("Content-Type");
  return type && equals_ignoring_case(*type, "application/x-www-form-urlencoded");
}

base::Result<std::optional<domain::ClientId>> read_client_id(const Request& request,
                                                             Version version,
                                                             const ClientIdRules& rules) {
  const bool is_old = version == Version::none || version == Version::v1;
  std::string memory;
  const auto text = joined_header(request, "Client-ID", memory);
  if (!text) {
    if (is_old) return std::nullopt;
    return std::unexpected(errors::client_id_missing());
  }
  return parse_client_id(*text, is_old || rules.must_be_uuid, rules);
}

base::Result<domain::ProjectId> read_project(const Request& request, Version version) {
  if (version == Version::none) return domain::ProjectId();
  std::string memory;
  const auto text = joined_header(request, "X-Project-Id", memory);
  if (!text) {
    if (version == Version::v1) return domain::ProjectId();
    return std::unexpected(errors::project_missing());
  }
  if (trimmed(*text).empty()) return std::unexpected(errors::project_empty());
  return domain::ProjectId(std::string(*text));
}

base::Result<void> check_extra_spec(const Request& request) {
  const auto spec = request.header("Extra-Spec");
  if (!spec) return {};
  const std::string_view scheme = spec->substr(0, spec->find(':'));
  if (scheme.empty() || scheme == "messagecode") return {};
  return std::unexpected(errors::extra_spec_unknown(scheme));
}

bool has_role(const Request& request, std::string_view role) {
  std::string memory;
  const auto roles = joined_header(request, "X-Roles", memory);
  if (!roles) return false;
  return std::ranges::any_of(split(*roles, ','), [&](std::string_view name) {
    return equals_ignoring_case(trimmed(name), role);
  });
}

}  // namespace marconi::api
