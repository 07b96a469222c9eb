using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace RawWs.Protocol;

/// <summary>Writes the server's side of the opening handshake (RFC 6455 §4.2.2), and its refusals.</summary>
internal static class ResponseHead
{
    /// <summary>Writes the response that opens the connection.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="key">The client's valid <c>Sec-WebSocket-Key</c>.</param>
    /// <param name="subprotocol">The one that was agreed on, if any.</param>
    /// <param name="extensions">What was agreed on; empty for no header, for an empty one makes some clients give up.</param>
    /// <param name="headers">What the application adds; checked by <see cref="ResponseHeaders"/> when it was given.</param>
    public static void WriteSwitchingProtocols(
        IBufferWriter<byte> output, ReadOnlySpan<byte> key, string? subprotocol, string extensions, ResponseHeaders headers)
    {
        output.Write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "u8);
        WebSocketKey.WriteAccept(key, output.GetSpan(WebSocketKey.AcceptLength));
        output.Advance(WebSocketKey.AcceptLength);
        output.Write("\r\n"u8);

        if (subprotocol is not null)
            WriteField(output, "Sec-WebSocket-Protocol", subprotocol);

        if (extensions.Length > 0)
            WriteField(output, "Sec-WebSocket-Extensions", extensions);

        WriteFields(output, headers);
        output.Write("\r\n"u8);
    }

    /// <summary>Writes a response that says no. The connection is closed after it.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, HttpStatusCode status, string body, ResponseHeaders headers, DateTimeOffset date)
    {
        WriteText(output, string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {(int)status} {PhraseOf(status)}\r\n"));
        WriteField(output, "Date", date.ToString("R", CultureInfo.InvariantCulture));
        WriteFieldsRequiredBy(output, status);
        WriteFields(output, headers);

        var bytes = Encoding.UTF8.GetBytes(body);
        output.Write("Content-Type: text/plain; charset=utf-8\r\n"u8);
        WriteField(output, "Content-Length", bytes.Length.ToString(CultureInfo.InvariantCulture));
        output.Write("\r\n"u8);
        output.Write(bytes);
    }

    private static void WriteFieldsRequiredBy(IBufferWriter<byte> output, HttpStatusCode status)
    {
        switch (status)
        {
            // RFC 9110 §15.5.22 wants the protocol, which §7.8 wants named in Connection too; RFC 6455 §4.4 wants the version.
            case HttpStatusCode.UpgradeRequired:
                output.Write("Connection: close, Upgrade\r\n"u8);
                WriteField(output, "Upgrade", "websocket");
                WriteField(output, "Sec-WebSocket-Version", OpeningHandshake.Version);
                break;

            // RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field".
            case HttpStatusCode.MethodNotAllowed:
                output.Write("Connection: close\r\n"u8);
                WriteField(output, "Allow", "GET");
                break;

            default:
                output.Write("Connection: close\r\n"u8);
                break;
        }
    }

    private static void WriteFields(IBufferWriter<byte> output, ResponseHeaders headers)
    {
        foreach (var (name, value) in headers)
            WriteField(output, name, value);
    }

    private static void WriteField(IBufferWriter<byte> output, string name, string value)
    {
        WriteText(output, name);
        output.Write(": "u8);
        WriteText(output, value);
        output.Write("\r\n"u8);
    }

    private static void WriteText(IBufferWriter<byte> output, string text) => Encoding.ASCII.GetBytes(text, output);

    private static string PhraseOf(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => "Bad Request",
        HttpStatusCode.Unauthorized => "Unauthorized",
        HttpStatusCode.Forbidden => "Forbidden",
        HttpStatusCode.NotFound => "Not Found",
        HttpStatusCode.MethodNotAllowed => "Method Not Allowed",
        HttpStatusCode.RequestTimeout => "Request Timeout",
        HttpStatusCode.RequestUriTooLong => "URI Too Long",
        HttpStatusCode.UpgradeRequired => "Upgrade Required",
        HttpStatusCode.TooManyRequests => "Too Many Requests",
        HttpStatusCode.RequestHeaderFieldsTooLarge => "Request Header Fields Too Large",
        HttpStatusCode.InternalServerError => "Internal Server Error",
        HttpStatusCode.ServiceUnavailable => "Service Unavailable",
        HttpStatusCode.HttpVersionNotSupported => "HTTP Version Not Supported",

        // RFC 9112 §4: "A client SHOULD ignore the reason-phrase content"; an empty one is legal.
        _ => "",
    };
}
