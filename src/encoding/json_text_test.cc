#include "encoding/json_text.h"

#include <gtest/gtest.h>

#include <string>

#include "encoding/json_document.h"

namespace marconi::encoding {
namespace {

using namespace std::string_literals;

TEST(JsonString, EscapesOnlyWhatMustBeEscaped) {
  EXPECT_EQ(json_string(""), "\"\"");
  EXPECT_EQ(json_string("plain / text"), "\"plain / text\"");
  EXPECT_EQ(json_string("\"\\"), R"("\"\\")");
  EXPECT_EQ(json_string("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(json_string("\0\x01\x1f\x7f"s), "\"\\u0000\\u0001\\u001f\x7f\"");
  EXPECT_EQ(json_string("é€😀"), "\"é€😀\"");
}

TEST(JsonString, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(json_string("a\xff"
                        "b"),
            "\"a\xEF\xBF\xBD"
            "b\"");
  EXPECT_EQ(json_string("\x80"), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("a\xc3"), "\"a\xEF\xBF\xBD\"");
  EXPECT_EQ(json_string("\xc3\""), "\"\xEF\xBF\xBD\\\"\"");
}

TEST(JsonString, IsValidJsonWhateverItsBytes) {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      for (const std::string tail : {"", "\x80", "\x80\x80", "\xbf\xbf\"", "\xff"}) {
        const std::string bytes{static_cast<char>(first), static_cast<char>(second)};
        const std::string text = json_string(bytes + tail);
        ASSERT_TRUE(parse_json(text)) << testing::PrintToString(bytes + tail);
      }
    }
  }
}

TEST(JsonString, AppendsToWhatIsThere) {
  std::string out = "[";
  append_json_string(out, "a");
  EXPECT_EQ(out, "[\"a\"");
}

TEST(BodyChecksum, MatchesTheKnownVectors) {
  EXPECT_EQ(body_checksum(R"("hello")"), "MD5:5deaee1c1332199e5b5bc7c5e4f7f0c2");
  EXPECT_EQ(body_checksum(R"({"a": 1})"), "MD5:42b7b4f2921788ea14dac5566e6f06d0");
  EXPECT_EQ(body_checksum("[1, 2.5, true, null]"), "MD5:f9c40fb2934fb2b4a1ca6b38f30a2fb8");
  EXPECT_EQ(body_checksum("\"é\""), "MD5:d1aad59345f1f37ecc833dabc76ec5ef");
}

TEST(BodyChecksum, IsAbsentForANullBody) {
  EXPECT_EQ(body_checksum("null"), "");
  EXPECT_EQ(body_checksum(" null\n"), "");
}

struct SameChecksum {
  std::string body;
  std::string canonical;
};

class CanonicalText : public testing::TestWithParam<SameChecksum> {};

TEST_P(CanonicalText, HasTheChecksumOfEveryOtherSpelling) {
  EXPECT_EQ(body_checksum(GetParam().body), body_checksum(GetParam().canonical));
}

INSTANTIATE_TEST_SUITE_P(
    Spellings, CanonicalText,
    testing::Values(SameChecksum{"\"\\u0068ello\"", "\"hello\""},
                    SameChecksum{"\"\\u00e9\"", "\"é\""},
                    SameChecksum{" [1,2.50,true ,null]\n", "[1, 2.5, true, null]"},
                    SameChecksum{R"({"a":1,"b":2,"a":3})", R"({"a": 3, "b": 2})"},
                    SameChecksum{R"({"x":{"a":1,"\u0061":2}})", R"({"x": {"a": 2}})"},
                    SameChecksum{"100.0", "1E2"}, SameChecksum{"-0", "0"},
                    SameChecksum{R"("\/")", R"("/")"}));

/// MD5 of texts made with Python: hashlib.md5(json.dumps(value).encode()).
struct KnownChecksum {
  std::string body;
  std::string md5;
};

class PythonChecksums : public testing::TestWithParam<KnownChecksum> {};

TEST_P(PythonChecksums, AreTheSameHere) {
  EXPECT_EQ(body_checksum(GetParam().body), "MD5:" + GetParam().md5) << GetParam().body;
}

INSTANTIATE_TEST_SUITE_P(
    Bodies, PythonChecksums,
    testing::Values(
        KnownChecksum{R"js(1.0)js", "e4c2e8edac362acab7123654b9e73432"},
        KnownChecksum{R"js(-0.0)js", "e80c77464a0cfaf2c46a5574f6bc76b9"},
        KnownChecksum{R"js(1e20)js", "8ed871928bef5bf717c0fd92ccdab30d"},
        KnownChecksum{R"js(1e-5)js", "0e6c77caff4e0ac45fc1951e85bbff6a"},
        KnownChecksum{R"js(0.0001)js", "ac382d58b1125bb9aeaf1a83ebf5e9c6"},
        KnownChecksum{R"js(1e16)js", "17ad58a7ab5201decb18b0996a327592"},
        KnownChecksum{R"js(1e15)js", "bc76ddb5ceb03ea84544dbe6c8a5baa6"},
        KnownChecksum{R"js(123456789012345680.0)js", "07467166ec48cd2b036269c496ac39f3"},
        KnownChecksum{R"js(5e-324)js", "62704aaf46a899ad1563b7f0ced1d768"},
        KnownChecksum{R"js(1.7976931348623157e308)js", "e4749bbf587e511ef5ec505a1800f69a"},
        KnownChecksum{R"js(0.1)js", "cb5ae17636e975f9bf71ddf5bc542075"},
        KnownChecksum{R"js(-2.5e-7)js", "5150dd69e5b257832cda354c558533f7"},
        KnownChecksum{R"js(9223372036854775807)js", "15767b252275cf5107bba9267b88e787"},
        KnownChecksum{R"js(-9223372036854775808)js", "e12c22bb0312e7872c49884f8304d882"},
        KnownChecksum{R"js(1e22)js", "ff5337f5aa621f4ac4e2b6d8d4445b6a"},
        KnownChecksum{R"js(1e-400)js", "30565a8911a6bb487e3745c0ea3c8224"},
        KnownChecksum{R"js("\ud83d\ude00")js", "70d9d3240f9ecb81f997bd8406e8790e"},
        KnownChecksum{R"js("😀 €")js", "3ebec1d3f54f1c15b7152b00499a860a"},
        KnownChecksum{R"js("\u007f\u0080")js", "674e4f14c6d8d66ccb4e04e6dd81204b"},
        KnownChecksum{R"js("\b\f\n\r\t\u0000\u001f\"\\/")js", "fde035a96671a45259b5b21ccfad0799"},
        KnownChecksum{R"js([])js", "d751713988987e9331980363e24189ce"},
        KnownChecksum{R"js({})js", "99914b932bd37a50b983c5e7c90ae93b"},
        KnownChecksum{R"js({"é": [{}, []], "": "", "n": null})js",
                      "5f5ad8e4ec88ef39cc9c3e3f9948c265"},
        KnownChecksum{R"js([true,false])js", "32c7903e9cfd327a6d7ff68d077d2246"},
        KnownChecksum{R"js("")js", "9d4568c009d203ab10e33ea9953a0264"}));

TEST(BodyChecksum, CopesWithTheDeepestBodies) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_EQ(body_checksum(deep).size(), 36u);
}

}  // namespace
}  // namespace marconi::encoding
