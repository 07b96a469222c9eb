namespace RawWs.Conformance;

/// <summary>What a client must check in a 101 answer (RFC 6455 §4.1), and what HTTP says about one.</summary>
internal static class UpgradeResponseRules
{
    public static void Check(UpgradeRequest request, HttpResponse response)
    {
        Require(response.Head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal), "the 101 answer is not HTTP/1.1");
        Require(
            string.Equals(response.Single("Upgrade"), "websocket", StringComparison.OrdinalIgnoreCase),
            "the answer's Upgrade header is not “websocket” (§4.2.2)");
        Require(response.HasToken("Connection", "Upgrade"), "the answer's Connection header lacks “Upgrade” (§4.2.2)");
        Require(
            response.Single("Sec-WebSocket-Accept") == request.ExpectedAccept,
            $"Sec-WebSocket-Accept is “{response.Single("Sec-WebSocket-Accept")}”, not “{request.ExpectedAccept}” (§4.2.2)");

        foreach (var name in (string[])["Sec-WebSocket-Extensions", "Sec-WebSocket-Protocol"])
        {
            // Safari fails on an empty one, and the ABNF (1#extension) has none.
            Require(response.Single(name) is not "", $"the answer has an empty {name} header (§11.3)");
        }

        Require(
            response.Single("Sec-WebSocket-Protocol") is not { } chosen || RequestOffers(request, "Sec-WebSocket-Protocol", chosen),
            "the server chose a subprotocol that was not offered (§4.1)");
        Require(
            response.Single("Sec-WebSocket-Extensions") is null || RequestHas(request, "Sec-WebSocket-Extensions"),
            "the server accepted an extension that was not offered (§4.1)");
        Require(response.Single("Transfer-Encoding") is null, "a 101 answer has Transfer-Encoding (RFC 9112 §6.1: “MUST NOT”)");
        Require(response.Single("Content-Length") is null, "a 101 answer has Content-Length (RFC 9110 §8.6: “MUST NOT”)");
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
            throw VerdictException.Failed(otherwise);
    }

    private static bool RequestHas(UpgradeRequest request, string name) =>
        Text(request).Contains($"\n{name}:", StringComparison.OrdinalIgnoreCase);

    private static bool RequestOffers(UpgradeRequest request, string name, string value) =>
        Text(request).Split('\n')
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .SelectMany(line => line[(name.Length + 1)..].Split(','))
            .Any(offered => offered.Trim() == value);

    private static string Text(UpgradeRequest request) => System.Text.Encoding.Latin1.GetString(request.ToBytes());
}
