#include "transport/http/head.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "transport/http/characters.h"

namespace marconi::transport::http {

namespace {

using Verdict = std::expected<void, Refusal>;

constexpr std::size_t kMaxMethodBytes = 32;

/// Takes the next line, without its end, off the front of `text`.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find("\r\n");
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(text.size(), line.size() + 2));
  return line;
}

bool is_token(std::string_view text) {
  return !text.empty() && consists_of(CharacterClass::token, text);
}

Verdict parse_version(std::string_view version, RequestHead& head) {
  if (version == "HTTP/1.1") return {};
  if (version == "HTTP/1.0") {
    head.is_http_1_0 = true;
    head.keep_alive = false;
    return {};
  }
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const bool well_formed = version.size() == 8 && version.starts_with("HTTP/") &&
                           is_digit(version[5]) && version[6] == '.' && is_digit(version[7]);
  return std::unexpected(well_formed ? Refusal::unsupported_version : Refusal::bad_request_line);
}

/// The length of the `http://authority` that an absolute-form target begins with, or 0.
std::size_t authority_length(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t end = std::min(target.find_first_of("/?#", scheme.size()), target.size());
    return end == scheme.size() ? 0 : end;
  }
  return 0;
}

/// RFC 9112, section 3.2.
Verdict parse_target(std::string_view target, RequestHead& head) {
  if (!consists_of(CharacterClass::target, target)) return std::unexpected(Refusal::bad_target);
  const std::size_t authority = authority_length(target);
  const bool is_options = head.method == "OPTIONS";
  head.target = target.substr(authority);
  if (authority > 0 && head.target.empty()) head.target = is_options ? "*" : "/";
  const bool valid = head.target.starts_with('/') || (head.target == "*" && is_options) ||
                     head.method == "CONNECT";
  if (!valid || head.target.empty()) return std::unexpected(Refusal::bad_target);
  return {};
}

Verdict parse_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
  const std::size_t after_method = line.find(' ');
  const std::size_t before_version = line.rfind(' ');
  if (after_method == before_version) return std::unexpected(Refusal::bad_request_line);
  const std::string_view method = line.substr(0, after_method);
  if (method.size() > kMaxMethodBytes || !is_token(method)) {
    return std::unexpected(Refusal::bad_request_line);
  }
  head.method = method;
  if (auto version = parse_version(line.substr(before_version + 1), head); !version) {
    return version;
  }
  const auto target = line.substr(after_method + 1, before_version - after_method - 1);
  if (target.size() > limits.target_bytes) return std::unexpected(Refusal::target_too_long);
  return parse_target(target, head);
}

Verdict parse_content_length(std::string_view value, RequestHead& head) {
  if (head.content_length) return std::unexpected(Refusal::content_length_repeated);
  const auto all_digits = [](std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  };
  if (value.starts_with('-') && all_digits(value.substr(1))) {
    return std::unexpected(Refusal::content_length_negative);
  }
  if (!all_digits(value)) return std::unexpected(Refusal::content_length_not_a_number);
  constexpr std::uint64_t kMax = std::uint64_t{1} << 63;
  std::uint64_t length = 0;
  for (const char c : value) {
    if (length >= kMax / 10) return std::unexpected(Refusal::content_length_not_a_number);
    length = length * 10 + static_cast<std::uint64_t>(c - '0');
  }
  head.content_length = length;
  return {};
}

Verdict parse_transfer_encoding(std::string_view value, RequestHead& head) {
  if (head.chunked || head.is_http_1_0) return std::unexpected(Refusal::bad_transfer_encoding);
  if (!equals_ignoring_case(value, "chunked")) {
    return std::unexpected(Refusal::unsupported_transfer_coding);
  }
  head.chunked = true;
  return {};
}

void parse_connection(std::string_view value, bool& close, bool& keep_alive) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    const std::string_view option = trim_blanks(value.substr(0, comma));
    if (equals_ignoring_case(option, "close")) close = true;
    if (equals_ignoring_case(option, "keep-alive")) keep_alive = true;
    value.remove_prefix(std::min(value.size(), comma + 1));
  }
}

bool is_host(std::string_view value) {
  return value.find_first_of(" \t/?#@\\") == std::string_view::npos;
}

/// What the fields that the transport itself obeys said, as far as it is needed across fields.
struct Seen {
  bool host = false;
  bool close = false;
  bool keep_alive = false;
};

/// Obeys the fields that rule the connection. Told apart by length first: few names get further.
Verdict obey(const api::Header& header, Seen& seen, RequestHead& head) {
  const std::string_view name = header.name;
  switch (name.size()) {
    case 4:
      if (!equals_ignoring_case(name, "host")) break;
      if (seen.host || !is_host(header.value)) return std::unexpected(Refusal::bad_host);
      seen.host = true;
      break;
    case 6:
      if (!equals_ignoring_case(name, "expect")) break;
      if (!equals_ignoring_case(header.value, "100-continue")) {
        return std::unexpected(Refusal::unknown_expectation);
      }
      head.expects_continue = !head.is_http_1_0;
      break;
    case 10:
      if (!equals_ignoring_case(name, "connection")) break;
      parse_connection(header.value, seen.close, seen.keep_alive);
      break;
    case 14:
      if (equals_ignoring_case(name, "content-length")) {
        return parse_content_length(header.value, head);
      }
      break;
    case 17:
      if (equals_ignoring_case(name, "transfer-encoding")) {
        return parse_transfer_encoding(header.value, head);
      }
      break;
    default:
      break;
  }
  return {};
}

std::expected<api::Header, Refusal> parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::unexpected(Refusal::bad_header);
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = line.substr(colon + 1);
  // A name that is a token excludes obsolete folding and blanks before the colon.
  if (!is_token(name) || !consists_of(CharacterClass::value, value)) {
    return std::unexpected(Refusal::bad_header);
  }
  return api::Header{name, trim_blanks(value)};
}

Verdict check_whole(const Seen& seen, RequestHead& head) {
  if (head.chunked && head.content_length) return std::unexpected(Refusal::conflicting_lengths);
  if (!seen.host && !head.is_http_1_0) return std::unexpected(Refusal::missing_host);
  if (seen.keep_alive) head.keep_alive = true;
  if (seen.close) head.keep_alive = false;
  return {};
}

}  // namespace

std::expected<std::size_t, Refusal> HeadScanner::scan(std::string_view text) {
  if (!text.empty() && !is_of(CharacterClass::token, text.front())) {
    return std::unexpected(Refusal::bad_request_line);
  }
  while (scanned_ < text.size()) {
    const void* found = std::memchr(text.data() + scanned_, '\n', text.size() - scanned_);
    if (found == nullptr) {
      scanned_ = text.size();
      break;
    }
    const auto feed = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    // First, so that it does not matter how much has arrived.
    if (feed >= limits_.bytes) return std::unexpected(too_long());
    if (feed == line_start_ || text[feed - 1] != '\r') {
      return std::unexpected(line_start_ == 0 ? Refusal::bad_request_line : Refusal::bad_header);
    }
    const bool empty_line = feed == line_start_ + 1;
    scanned_ = feed + 1;
    if (empty_line) return scanned_;
    line_start_ = scanned_;
  }
  if (scanned_ > limits_.bytes) return std::unexpected(too_long());
  return std::size_t{0};
}

Refusal HeadScanner::too_long() const {
  return line_start_ == 0 ? Refusal::target_too_long : Refusal::head_too_large;
}

void RequestHead::clear() {
  std::vector<api::Header> memory = std::move(headers);
  memory.clear();
  *this = RequestHead{};
  headers = std::move(memory);
}

Verdict parse_head(std::string_view text, const HeadLimits& limits, RequestHead& head) {
  head.clear();
  if (auto line = parse_request_line(take_line(text), limits, head); !line) return line;
  Seen seen;
  for (auto line = take_line(text); !line.empty(); line = take_line(text)) {
    if (head.headers.size() == limits.fields) return std::unexpected(Refusal::too_many_headers);
    const auto field = parse_field(line);
    if (!field) return std::unexpected(field.error());
    head.headers.push_back(*field);
    if (auto obeyed = obey(*field, seen, head); !obeyed) return obeyed;
  }
  return check_whole(seen, head);
}

}  // namespace marconi::transport::http
