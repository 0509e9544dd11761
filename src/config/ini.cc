#include "config/ini.h"

#include "config/text.h"

namespace marconi::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_comment(std::string_view line) { return line.starts_with('#') || line.starts_with(';'); }

bool is_indented(std::string_view line) { return line.starts_with(' ') || line.starts_with('\t'); }

class IniReader {
 public:
  explicit IniReader(const std::string& file) : file_(file) {}

  base::Result<IniDocument> read(std::string_view text) {
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    while (!text.empty()) {
      ++line_number_;
      const auto end = text.find('\n');
      auto line = text.substr(0, end);
      text.remove_prefix(end == text.npos ? text.size() : end + 1);
      if (auto taken = take(trim_right(line)); !taken) return std::unexpected(taken.error());
    }
    return std::move(document_);
  }

 private:
  base::Result<void> take(std::string_view line) {
    if (line.find('\0') != line.npos) return error("a NUL byte; this is not a text file");
    if (line.empty()) return close_value();
    if (is_indented(line)) return take_continuation(trim(line));
    close_value();
    if (is_comment(line)) return {};
    return line.starts_with('[') ? take_section(line) : take_assignment(line);
  }

  base::Result<void> take_continuation(std::string_view line) {
    if (value_open_) {
      auto& text = document_.assignments.back().text;
      text += '\n';
      text += line;
      return {};
    }
    if (is_comment(line)) return {};
    return error("a line that begins with white space continues a value, but none is open");
  }

  base::Result<void> take_section(std::string_view line) {
    if (!line.ends_with(']')) return error("a group heading must end with ']'");
    const auto name = trim(line.substr(1, line.size() - 2));
    if (name.empty()) return error("a group heading without a name");
    document_.sections.push_back({std::string(name), here()});
    return {};
  }

  base::Result<void> take_assignment(std::string_view line) {
    const auto sign = line.find_first_of(":=");
    if (sign == line.npos) return error("expected 'name = value'");
    const auto name = trim(line.substr(0, sign));
    if (name.empty()) return error("a value without a name");
    if (document_.sections.empty()) return error("a value before the first [group]");
    document_.assignments.push_back({document_.sections.back().name, std::string(name),
                                     std::string(unquote(trim(line.substr(sign + 1)))), here()});
    value_open_ = true;
    return {};
  }

  base::Result<void> close_value() {
    value_open_ = false;
    return {};
  }

  [[nodiscard]] Origin here() const { return {file_, line_number_}; }

  [[nodiscard]] std::unexpected<base::Error> error(std::string_view what) const {
    return base::fail(base::ErrorKind::invalid, here().to_string() + ": " + std::string(what));
  }

  const std::string& file_;
  int line_number_ = 0;
  bool value_open_ = false;
  IniDocument document_;
};

}  // namespace

base::Result<IniDocument> parse_ini(std::string_view text, const std::string& file) {
  return IniReader(file).read(text);
}

}  // namespace marconi::config
