#include "config/option.h"

#include <utility>

namespace marconi::config {

std::string_view name_of(Type type) {
  switch (type) {
    case Type::boolean:
      return "bool";
    case Type::integer:
      return "int";
    case Type::real:
      return "float";
    case Type::text:
      return "str";
    case Type::port:
      return "port";
    case Type::host:
      return "host";
    case Type::list:
      return "list";
    case Type::dict:
      return "dict";
  }
  return "";
}

Option Option::also(std::string_view other_name) && {
  aliases.push_back({group, other_name});
  return std::move(*this);
}

Option Option::also(std::string_view other_group, std::string_view other_name) && {
  aliases.push_back({other_group, other_name});
  return std::move(*this);
}

Option Option::shared_with(std::string_view other_group) && {
  aliases.push_back({other_group, name, false});
  return std::move(*this);
}

Option Option::one_of(std::initializer_list<std::string_view> values) && {
  choices = values;
  return std::move(*this);
}

Option Option::refusing(std::initializer_list<std::string_view> values) && {
  refused = values;
  return std::move(*this);
}

Option Option::with_test_values(std::initializer_list<std::string_view> values) && {
  for_tests = values;
  return std::move(*this);
}

Option Option::at_least(double value) && {
  min = value;
  return std::move(*this);
}

Option Option::at_most(double value) && {
  max = value;
  return std::move(*this);
}

Option Option::checked_by(TextCheck text_check) && {
  check = text_check;
  return std::move(*this);
}

Option Option::as_secret() && {
  secret = true;
  return std::move(*this);
}

Option Option::with_support(Support how) && {
  support = how;
  return std::move(*this);
}

Option boolean(std::string_view group, std::string_view name, bool preset,
               std::string_view effect) {
  return option(Type::boolean, group, name, preset ? "true" : "false", effect);
}

Option integer(std::string_view group, std::string_view name, std::int64_t preset,
               std::string_view effect) {
  return option(Type::integer, group, name, std::to_string(preset), effect);
}

Option option(Type type, std::string_view group, std::string_view name, Default preset,
              std::string_view effect) {
  Option made;
  made.group = group;
  made.name = name;
  made.type = type;
  if (preset) made.default_text = std::string(*preset);
  made.effect = effect;
  return made;
}

}  // namespace marconi::config
