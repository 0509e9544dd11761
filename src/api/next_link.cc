#include "api/next_link.h"

#include <utility>

#include "api/uri.h"
#include "encoding/json_text.h"

namespace marconi::api {

NextLink::NextLink(std::string_view path, bool client_sent_marker, std::string_view marker)
    : marker_(marker), marker_leads_(client_sent_marker) {
  href_.reserve(path.size() + 128);
  href_ += path;
  if (marker_leads_) add("marker", marker_);
}

void NextLink::add(std::string_view name, std::string_view value) {
  href_ += href_.find('?') == std::string::npos ? '?' : '&';
  append_encoded(href_, name);
  href_ += '=';
  append_encoded(href_, value);
}

void NextLink::add(std::string_view name, const std::optional<std::int64_t>& value) {
  if (value) add(name, std::string_view(std::to_string(*value)));
}

void NextLink::add(std::string_view name, const std::optional<bool>& value) {
  if (value) add(name, *value ? std::string_view("true") : std::string_view("false"));
}

std::string NextLink::document() && {
  if (!marker_leads_) add("marker", marker_);
  std::string out = "{\"rel\": \"next\", \"href\": ";
  encoding::append_json_string(out, href_);
  out += '}';
  return out;
}

}  // namespace marconi::api
