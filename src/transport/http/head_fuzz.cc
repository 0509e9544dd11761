// Feeds arbitrary bytes to the parts that read them off the wire: head scanner, head parser and
// chunked decoder. Whatever comes, they must agree with themselves however it is cut into pieces.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "transport/http/chunked.h"
#include "transport/http/head.h"

namespace {

using namespace marconi::transport::http;

void require(bool condition) {
  if (!condition) std::abort();
}

std::expected<std::size_t, Refusal> scan_in_two(std::string_view text, std::size_t cut) {
  HeadScanner scanner(HeadLimits{});
  const auto first = scanner.scan(text.substr(0, cut));
  if (!first || *first > 0) return first;
  return scanner.scan(text);
}

void check_head(std::string_view text, std::size_t cut) {
  HeadScanner scanner(HeadLimits{});
  const auto whole = scanner.scan(text);
  require(scan_in_two(text, cut) == whole);
  if (!whole || *whole == 0) return;
  const std::string_view head_text = text.substr(0, *whole);
  require(head_text.ends_with("\r\n\r\n") && head_text.find("\r\n\r\n") == *whole - 4);
  RequestHead head;
  if (!parse_head(head_text, HeadLimits{}, head)) return;
  require(!head.method.empty() && !head.target.empty());
  require(!(head.chunked && head.content_length));
  for (const auto& [name, value] : head.headers) {
    require(!name.empty());
    require(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos);
  }
}

struct Decoded {
  bool refused = false;
  bool done = false;
  std::string body;
};

Decoded decode(std::string_view text, std::size_t cut) {
  ChunkedDecoder decoder(1000);
  std::string buffer;
  Decoded result;
  for (const std::string_view piece : {text.substr(0, cut), text.substr(cut)}) {
    buffer += piece;
    const auto step = decoder.decode(std::span(buffer).subspan(result.body.size()));
    result.refused = !step;
    if (!step) return result;
    const std::size_t end = result.body.size() + step->decoded;
    buffer.erase(end, step->consumed - step->decoded);
    result.body = buffer.substr(0, end);
    result.done = decoder.is_done() || decoder.is_too_large();
    if (result.done) break;
  }
  return result;
}

void check_chunks(std::string_view text, std::size_t cut) {
  const Decoded whole = decode(text, text.size());
  const Decoded pieces = decode(text, cut);
  require(whole.refused == pieces.refused && whole.done == pieces.done);
  if (!whole.refused) require(whole.body == pieces.body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t cut = text.empty() ? 0 : data[0] % (text.size() + 1);
  check_head(text, cut);
  check_chunks(text, cut);
  return 0;
}
