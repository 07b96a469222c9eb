using System.Net;
using System.Text;

namespace RawWs.Host;

/// <summary>Reads what a server answers in the place of 101 Switching Protocols, before it is thrown away.</summary>
/// <param name="inner">What sends requests.</param>
internal sealed class UpgradeRefusals(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int MaxBodySize = 1024, MaxShownLength = 200;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.SwitchingProtocols)
            return response;

        using (response)
            throw await DescribeAsync(response, cancellationToken);
    }

    private static async Task<ClientFailureException> DescribeAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var phrase = response.ReasonPhrase is { Length: > 0 } said ? " " + PrintableText.Of(said) : "";
        var line = await FirstLineOfAsync(response, cancellationToken);
        var advice = response.Headers.Location is { } elsewhere
            ? $" It points to '{PrintableText.Of(elsewhere.OriginalString)}', which is not followed."
            : response.StatusCode == HttpStatusCode.Unauthorized ? " Credentials are given with --header 'Authorization: …'." : "";

        // Too early, too often, and what is the server's fault may be better another time.
        var isFinal = status is >= 300 and < 500 and not (408 or 425 or 429);
        return new ClientFailureException($"The server refused the WebSocket with {status}{phrase}{(line.Length > 0 ? $": {line.TrimEnd('.')}" : "")}.{advice}", isFinal);
    }

    private static async Task<string> FirstLineOfAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var line = Encoding.UTF8.GetString(await ReadLineAsync(await response.Content.ReadAsStreamAsync(cancellationToken), cancellationToken)).Trim();
            return PrintableText.Of(line.Length <= MaxShownLength ? line : line[..MaxShownLength] + "…");
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            // The status is what matters; a body that breaks off has nothing to add.
            return "";
        }
    }

    // No further than to its end: a body may be one that never ends.
    private static async Task<byte[]> ReadLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var (body, length) = (new byte[MaxBodySize], 0);
        while (length < body.Length && await stream.ReadAsync(body.AsMemory(length), cancellationToken) is > 0 and var count)
        {
            length += count;
            if (body.AsSpan(0, length).IndexOf((byte)'\n') is >= 0 and var end)
                return body[..end];
        }

        return body[..length];
    }
}
