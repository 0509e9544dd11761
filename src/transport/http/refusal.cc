#include "transport/http/refusal.h"

namespace marconi::transport::http {

namespace {

constexpr std::string_view kBadRequest = "Bad request";
constexpr std::string_view kInvalidHeader = "Invalid header value";

// Descriptions hold escaped quotes: they go into a JSON string literally.
constexpr RefusalAnswer kBadRequestLine{400, kBadRequest, "The request line is malformed.",
                                        Count::refused_bad_request};
constexpr RefusalAnswer kBadTarget{400, kBadRequest, "The request target is malformed.",
                                   Count::refused_bad_request};
constexpr RefusalAnswer kBadHeader{400, kBadRequest, "A header field is malformed.",
                                   Count::refused_bad_request};
constexpr RefusalAnswer kTooManyHeaders{431, "Request header fields too large",
                                        "The request has too many header fields.",
                                        Count::refused_header_too_large};
constexpr RefusalAnswer kHeadTooLarge{431, "Request header fields too large",
                                      "The header of the request is too large.",
                                      Count::refused_header_too_large};
constexpr RefusalAnswer kTargetTooLong{414, "URI too long", "The request target is too long.",
                                       Count::refused_target_too_long};
constexpr RefusalAnswer kUnsupportedVersion{505, "HTTP version not supported",
                                            "Only HTTP/1.1 and HTTP/1.0 are supported.",
                                            Count::refused_version};
constexpr RefusalAnswer kContentLengthNotANumber{
    400, kInvalidHeader,
    R"(The value provided for the \"Content-Length\" header is invalid. )"
    R"(The value of the header must be a number.)",
    Count::refused_bad_content_length};
constexpr RefusalAnswer kContentLengthNegative{
    400, kInvalidHeader,
    R"(The value provided for the \"Content-Length\" header is invalid. )"
    R"(The value of the header must be a positive number.)",
    Count::refused_bad_content_length};
constexpr RefusalAnswer kContentLengthRepeated{
    400, kInvalidHeader,
    R"(The value provided for the \"Content-Length\" header is invalid. )"
    R"(The header must not be repeated.)",
    Count::refused_bad_content_length};
constexpr RefusalAnswer kConflictingLengths{
    400, kBadRequest,
    R"(The \"Content-Length\" and \"Transfer-Encoding\" headers exclude each other.)",
    Count::refused_bad_framing};
constexpr RefusalAnswer kUnsupportedTransferCoding{
    501, "Not implemented", R"(The only supported transfer coding is \"chunked\".)",
    Count::refused_bad_framing};
constexpr RefusalAnswer kBadTransferEncoding{
    400, kBadRequest, R"(The \"Transfer-Encoding\" header is not allowed here.)",
    Count::refused_bad_framing};
constexpr RefusalAnswer kBadChunk{400, kBadRequest, "The chunked request body is malformed.",
                                  Count::refused_bad_framing};
constexpr RefusalAnswer kMissingHost{400, kBadRequest, R"(The \"Host\" header is missing.)",
                                     Count::refused_bad_host};
constexpr RefusalAnswer kBadHost{400, kBadRequest, R"(The \"Host\" header is invalid or repeated.)",
                                 Count::refused_bad_host};
constexpr RefusalAnswer kUnknownExpectation{
    417, "Expectation failed", R"(The only supported expectation is \"100-continue\".)",
    Count::refused_expectation};
constexpr RefusalAnswer kIncomplete{400, kBadRequest, "The request ended early.",
                                    Count::refused_incomplete};
constexpr RefusalAnswer kHeadTimeout{408, "Request timeout",
                                     "The header of the request did not arrive in time.",
                                     Count::timeouts_header};
constexpr RefusalAnswer kBodyTimeout{408, "Request timeout",
                                     "The body of the request did not arrive in time.",
                                     Count::timeouts_body};

}  // namespace

const RefusalAnswer& answer_to(Refusal refusal) {
  switch (refusal) {
    case Refusal::bad_request_line:
      return kBadRequestLine;
    case Refusal::bad_target:
      return kBadTarget;
    case Refusal::bad_header:
      return kBadHeader;
    case Refusal::too_many_headers:
      return kTooManyHeaders;
    case Refusal::head_too_large:
      return kHeadTooLarge;
    case Refusal::target_too_long:
      return kTargetTooLong;
    case Refusal::unsupported_version:
      return kUnsupportedVersion;
    case Refusal::content_length_not_a_number:
      return kContentLengthNotANumber;
    case Refusal::content_length_negative:
      return kContentLengthNegative;
    case Refusal::content_length_repeated:
      return kContentLengthRepeated;
    case Refusal::conflicting_lengths:
      return kConflictingLengths;
    case Refusal::unsupported_transfer_coding:
      return kUnsupportedTransferCoding;
    case Refusal::bad_transfer_encoding:
      return kBadTransferEncoding;
    case Refusal::bad_chunk:
      return kBadChunk;
    case Refusal::missing_host:
      return kMissingHost;
    case Refusal::bad_host:
      return kBadHost;
    case Refusal::unknown_expectation:
      return kUnknownExpectation;
    case Refusal::incomplete:
      return kIncomplete;
    case Refusal::head_timeout:
      return kHeadTimeout;
    case Refusal::body_timeout:
      return kBodyTimeout;
  }
  return kBadRequestLine;
}

}  // namespace marconi::transport::http
