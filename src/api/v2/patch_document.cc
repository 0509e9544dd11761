#include "api/v2/patch_document.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "api/ascii.h"
#include "api/errors.h"
#include "api/white_space.h"

namespace marconi::api::v2 {

using base::Result;
using domain::MetadataOperation;
using encoding::JsonKind;
using encoding::JsonMember;
using encoding::JsonValue;

namespace {

constexpr std::string_view kChoices = "It must be one of the following: add, remove, replace.";

const JsonValue* find(const std::vector<JsonMember>& members, std::string_view name) {
  const auto member = std::ranges::find(members, name, &JsonMember::name);
  return member == members.end() ? nullptr : &member->value;
}

/// A string's text, and any other value as it was written.
std::string shown(const JsonValue& value) {
  return value.as_string().value_or(std::string(value.raw));
}

std::unexpected<base::Error> fault(std::string description) {
  return std::unexpected(errors::invalid_document(std::move(description)));
}

Result<MetadataOperation::Kind> decode_kind(const JsonValue* op) {
  if (!op || op->is(JsonKind::null)) {
    return fault(fmt::format("Unable to find `op` in JSON Schema change. {}", kChoices));
  }
  const auto name = op->as_string();
  if (name == "add") return MetadataOperation::Kind::add;
  if (name == "replace") return MetadataOperation::Kind::replace;
  if (name == "remove") return MetadataOperation::Kind::remove;
  return fault(fmt::format("Invalid operation: `{}`. {}", shown(*op), kChoices));
}

/// Two slashes behind the first character with nothing but white space between them.
bool has_adjacent_slashes(std::string_view pointer) {
  bool after_slash = false;
  for (pointer.remove_prefix(1); !pointer.empty();) {
    if (const auto space = leading_space(pointer)) {
      pointer.remove_prefix(space);
      continue;
    }
    const bool is_slash = pointer.front() == '/';
    if (is_slash && after_slash) return true;
    after_slash = is_slash;
    pointer.remove_prefix(1);
  }
  return false;
}

bool has_bad_escape(std::string_view pointer) {
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] != '~') continue;
    if (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')) return true;
  }
  return false;
}

Result<void> check_pointer(std::string_view pointer) {
  const auto wrong = [&](std::string_view what) {
    return fault(fmt::format("Pointer `{}` {}", pointer, what));
  };
  if (!pointer.starts_with('/')) return wrong("does not start with \"/\".");
  if (has_adjacent_slashes(pointer)) return wrong("contains adjacent \"/\".");
  if (pointer.size() > 1 && pointer.ends_with('/')) return wrong("end with \"/\".");
  if (without_space(pointer.substr(1)) == "/") return wrong("does not contains valid token.");
  if (has_bad_escape(pointer)) {
    return wrong("contains \"~\" not part of a recognized escape sequence.");
  }
  return {};
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

std::vector<std::string> tokens_of(std::string_view pointer) {
  pointer.remove_prefix(std::min(pointer.find_first_not_of('/'), pointer.size()));
  std::vector<std::string> tokens;
  for (const std::string_view part : split(pointer, '/')) {
    std::string token(part);
    replace_all(token, "~1", "/");
    replace_all(token, "~0", "~");
    tokens.emplace_back(without_space(token));
  }
  return tokens;
}

std::string joined(const std::vector<std::string>& tokens) {
  std::string out;
  for (const std::string& token : tokens) {
    if (&token != tokens.data()) out += '/';
    out += token;
  }
  return out;
}

/// The two tokens of a pointer: the root, and the key below it.
Result<std::vector<std::string>> decode_path(const JsonValue* path) {
  if (!path) return fault("Unable to find 'path' in JSON Schema change");
  const auto pointer = path->as_string();
  if (!pointer) return fault(fmt::format("Pointer `{}` does not start with \"/\".", path->raw));
  if (auto checked = check_pointer(*pointer); !checked) return std::unexpected(checked.error());
  auto tokens = tokens_of(*pointer);
  if (tokens.size() != 2) {
    return fault(fmt::format("Invalid JSON pointer for this resource: '/{}, e.g /metadata/key'",
                             joined(tokens)));
  }
  return tokens;
}

Result<MetadataOperation> decode_operation(const JsonValue& source) {
  if (!source.is(JsonKind::object)) return fault("Operations must be JSON objects.");
  const auto members = source.members();
  const auto kind = decode_kind(find(members, "op"));
  if (!kind) return std::unexpected(kind.error());
  const auto tokens = decode_path(find(members, "path"));
  if (!tokens) return std::unexpected(tokens.error());
  MetadataOperation operation;
  operation.kind = *kind;
  operation.key = tokens->back();
  if (*kind == MetadataOperation::Kind::remove) return operation;
  const JsonValue* value = find(members, "value");
  if (!value) {
    return fault(fmt::format("Operation \"{}\" requires a member named \"value\".",
                             *kind == MetadataOperation::Kind::add ? "add" : "replace"));
  }
  if (!equals_ignoring_case(tokens->front(), "metadata")) {
    return fault("The root of path must be metadata, e.g /metadata/key.");
  }
  operation.raw_value = value->raw;
  return operation;
}

}  // namespace

Result<std::vector<MetadataOperation>> decode_patch(const JsonValue& array) {
  std::vector<MetadataOperation> operations;
  for (const JsonValue& element : array.elements()) {
    auto operation = decode_operation(element);
    if (!operation) return std::unexpected(operation.error());
    operations.push_back(std::move(*operation));
  }
  return operations;
}

}  // namespace marconi::api::v2
