#pragma once
#include <curl/curl.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift does not import: one typed wrapper per kind of value.
static inline CURLcode hub_curl_set_long(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode hub_curl_set_bytes(CURL *handle, CURLoption option, const void *value) {
  return curl_easy_setopt(handle, option, value);
}
static inline CURLcode hub_curl_set_headers(CURL *handle, struct curl_slist *list) {
  return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
}
typedef size_t (*hub_curl_sink)(char *bytes, size_t size, size_t count, void *owner);
static inline CURLcode hub_curl_set_body_sink(CURL *handle, hub_curl_sink sink, void *owner) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, sink);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_WRITEDATA, owner);
}
static inline CURLcode hub_curl_set_header_sink(CURL *handle, hub_curl_sink sink, void *owner) {
  CURLcode code = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, sink);
  return code != CURLE_OK ? code : curl_easy_setopt(handle, CURLOPT_HEADERDATA, owner);
}
static inline CURLcode hub_curl_status(CURL *handle, long *status) {
  return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, status);
}
static inline CURLcode hub_curl_global_init(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }
// A macro with a cast, which Swift does not import.
static const long hub_curl_auth_basic = (long)CURLAUTH_BASIC;
