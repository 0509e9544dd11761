#include "api/home_document.h"

#include <cstddef>
#include <functional>

#include "encoding/json_text.h"

namespace marconi::api {

namespace {

/// Writes indented JSON, one member or element a line.
class IndentedJson {
 public:
  using Content = std::function<void()>;

  void object(const Content& content) { block('{', '}', content); }
  void array(const Content& content) { block('[', ']', content); }

  void member(std::string_view name, const Content& value) {
    start_line();
    encoding::append_json_string(out_, name);
    out_ += ": ";
    value();
  }

  void member(std::string_view name, std::string_view value) {
    member(name, [&] { encoding::append_json_string(out_, value); });
  }

  void element(std::string_view value) {
    start_line();
    encoding::append_json_string(out_, value);
  }

  [[nodiscard]] std::string take() && { return std::move(out_); }

 private:
  static constexpr std::size_t kIndent = 4;

  void block(char open, char close, const Content& content) {
    out_ += open;
    ++depth_;
    first_ = true;
    content();
    --depth_;
    if (!first_) new_line();
    first_ = false;
    out_ += close;
  }

  void start_line() {
    if (!first_) out_ += ',';
    new_line();
    first_ = false;
  }

  void new_line() {
    out_ += '\n';
    out_.append(depth_ * kIndent, ' ');
  }

  std::string out_;
  std::size_t depth_ = 0;
  bool first_ = true;
};

void write_hints(IndentedJson& json, const HomeResource& resource) {
  json.member("allow", [&] {
    json.array([&] {
      for (const std::string_view method : resource.allow) json.element(method);
    });
  });
  json.member("formats", [&] {
    json.object([&] { json.member("application/json", [&] { json.object([] {}); }); });
  });
  if (resource.accepts_post) {
    json.member("accept-post", [&] { json.array([&] { json.element("application/json"); }); });
  }
}

void write_resource(IndentedJson& json, const HomeResource& resource) {
  json.member(resource.is_template ? "href-template" : "href", resource.href);
  if (!resource.variables.empty()) {
    json.member("href-vars", [&] {
      json.object([&] {
        for (const auto& [name, value] : resource.variables) json.member(name, value);
      });
    });
  }
  json.member("hints", [&] { json.object([&] { write_hints(json, resource); }); });
}

}  // namespace

std::string home_document(std::span<const HomeResource> resources) {
  IndentedJson json;
  json.object([&] {
    json.member("resources", [&] {
      json.object([&] {
        for (const HomeResource& resource : resources) {
          json.member(resource.rel, [&] { json.object([&] { write_resource(json, resource); }); });
        }
      });
    });
  });
  return std::move(json).take();
}

Response home_response(const std::string& document) {
  Response response;
  response.headers.emplace_back("Content-Type", "application/json-home");
  response.headers.emplace_back("Cache-Control", "max-age=86400");
  response.body = document;
  return response;
}

}  // namespace marconi::api
