using System.Buffers;
using System.Globalization;
using System.Net;
using System.Text;

namespace RawWs.Protocol;

/// <summary>Writes the server's side of the opening handshake (RFC 6455 §4.2.2), and its refusals.</summary>
internal static partial class ResponseHead
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

    /// <summary>Writes the head of a response that is no handshake's.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="status">The status.</param>
    /// <param name="headers">What the application adds; checked by <see cref="ResponseHeaders"/> when it was given.</param>
    /// <param name="contentType">What the content is, null if there is none.</param>
    /// <param name="contentLength">Bytes in the content; null for no such field.</param>
    /// <param name="isChunked">Whether the content comes in chunks.</param>
    /// <param name="closes">Whether the connection ends with this response.</param>
    /// <param name="date">Now.</param>
    public static void WriteResponse(
        IBufferWriter<byte> output, HttpStatusCode status, ResponseHeaders headers, string? contentType, long? contentLength, bool isChunked, bool closes, DateTimeOffset date)
    {
        WriteStatusLine(output, status, date);
        WriteFields(output, headers);

        if (contentType is not null)
            WriteField(output, "Content-Type", contentType);

        if (contentLength is { } length)
            WriteField(output, "Content-Length", length.ToString(CultureInfo.InvariantCulture));

        if (isChunked)
            output.Write("Transfer-Encoding: chunked\r\n"u8);

        if (closes)
            output.Write("Connection: close\r\n"u8);

        output.Write("\r\n"u8);
    }

    /// <summary>Writes a response that says no. The connection is closed after it.</summary>
    public static void WriteRefusal(IBufferWriter<byte> output, HttpStatusCode status, string body, ResponseHeaders headers, DateTimeOffset date, bool isToHead = false)
    {
        WriteStatusLine(output, status, date);
        WriteFieldsRequiredBy(output, status);
        WriteFields(output, headers);

        var bytes = Encoding.UTF8.GetBytes(body);
        output.Write("Content-Type: text/plain; charset=utf-8\r\n"u8);
        WriteField(output, "Content-Length", bytes.Length.ToString(CultureInfo.InvariantCulture));
        output.Write("\r\n"u8);

        // RFC 9110 §9.3.2: "the server MUST NOT send content in the response".
        if (!isToHead)
            output.Write(bytes);
    }

    // RFC 9110 §6.6.1: "An origin server with a clock MUST generate a Date header field" in all but interim responses and errors of its own.
    private static void WriteStatusLine(IBufferWriter<byte> output, HttpStatusCode status, DateTimeOffset date)
    {
        WriteText(output, string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {(int)status} {PhraseOf(status)}\r\n"));
        WriteField(output, "Date", date.ToString("R", CultureInfo.InvariantCulture));
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
}
