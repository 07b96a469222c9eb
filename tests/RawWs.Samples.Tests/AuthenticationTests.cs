using System.Buffers.Text;
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace RawWs.Samples.Tests;

public sealed partial class AuthenticationTests
{
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);
    private static readonly long Now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
    private static readonly string Valid = $$"""{"sub":"ben","exp":{{Now + 3_600}},"nbf":{{Now - 3_600}}}""";

    [Fact]
    public async Task Who_has_a_valid_token_or_cookie_gets_in_under_the_name_in_it_and_others_do_not()
    {
        await using var server = await StartAsync();

        using (var ben = await server.ConnectAsync(header: "Authorization", value: "Bearer " + Token(Header, Valid, Key)))
            Assert.Equal("ben, by token", await server.ReadTextAsync(ben));

        var cookie = CookiePattern().Match(server.FirstLine).Value;
        using (var ada = await server.ConnectAsync(header: "Cookie", value: cookie))
            Assert.Equal("ada, by cookie", await server.ReadTextAsync(ada));

        foreach (var (name, header, value) in Strangers(cookie))
            Assert.Equal((name, HttpStatusCode.Unauthorized), (name, await RefusalAsync(server, header, value)));
    }

    private static IEnumerable<(string Name, string? Header, string? Value)> Strangers(string cookie)
    {
        yield return ("nothing", null, null);
        yield return ("another cookie", "Cookie", cookie[..^1] + (cookie[^1] == '0' ? '1' : '0'));
        yield return ("an empty cookie", "Cookie", "session=");
        yield return ("another scheme", "Authorization", "Basic YTpi");
        yield return ("no token", "Authorization", "Bearer x");

        var token = Token(Header, Valid, Key);
        yield return ("another key", "Authorization", "Bearer " + Token(Header, Valid, new byte[32]));
        yield return ("another payload", "Authorization", "Bearer " + Token(Header, Valid.Replace("ben", "eve", StringComparison.Ordinal), Key)[..^43] + token[^43..]);
        yield return ("no signature", "Authorization", "Bearer " + token[..^43]);
        yield return ("no algorithm", "Authorization", "Bearer " + Token("""{"alg":"none"}""", Valid, Key));
        yield return ("another algorithm", "Authorization", "Bearer " + Token("""{"alg":"HS512"}""", Valid, Key));
        yield return ("something critical", "Authorization", "Bearer " + Token("""{"alg":"HS256","crit":["b64"],"b64":false}""", Valid, Key));
        yield return ("expired", "Authorization", "Bearer " + Token(Header, $$"""{"sub":"ben","exp":{{Now - 3_600}}}""", Key));
        yield return ("not yet valid", "Authorization", "Bearer " + Token(Header, $$"""{"sub":"ben","exp":{{Now + 7_200}},"nbf":{{Now + 3_600}}}""", Key));
        yield return ("no expiry", "Authorization", "Bearer " + Token(Header, """{"sub":"ben"}""", Key));
        yield return ("an expiry that is no number", "Authorization", "Bearer " + Token(Header, """{"sub":"ben","exp":"9999999999"}""", Key));
        yield return ("no subject", "Authorization", "Bearer " + Token(Header, $$"""{"exp":{{Now + 3_600}}}""", Key));
        yield return ("no JSON", "Authorization", "Bearer " + Token(Header, "{", Key));
    }

    private static Task<SampleProcess> StartAsync()
        => SampleProcess.StartAsync("Authentication", environment: new Dictionary<string, string> { ["JWT_KEY"] = Convert.ToBase64String(Key) });

    private static string Token(string header, string payload, byte[] key)
    {
        var signed = $"{Encode(header)}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(signed)))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static async Task<HttpStatusCode> RefusalAsync(SampleProcess server, string? header, string? value)
    {
        using var client = new ClientWebSocket { Options = { CollectHttpResponseDetails = true } };
        if (header is not null)
            client.Options.SetRequestHeader(header, value);

        await Assert.ThrowsAsync<WebSocketException>(() => client.ConnectAsync(server.Url, server.Deadline));
        return client.HttpStatusCode;
    }

    [GeneratedRegex("session=[0-9a-f]+")]
    private static partial Regex CookiePattern();
}
