using System.Text;
using RawWs.Testing;

namespace RawWs.Fuzz;

/// <summary>One client that says everything it has to say in some pieces, ends its side, and reads to the end.</summary>
internal static class HttpConversation
{
    private const int MaxBodySize = 300;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <returns>The responses: their status and their content. After an opening handshake nothing is read any more.</returns>
    public static async Task<IReadOnlyList<(int Status, string Content)>> RunAsync(byte[] input, Arrivals arrivals)
    {
        await using var server = await TestServer.StartAsync(map: Map);
        await using var client = server.Connect();
        await SayAsync(client, input, arrivals);

        byte[] output;
        try
        {
            output = await client.ReadToEndAsync().WaitAsync(LongestWait);
        }
        catch (TimeoutException)
        {
            throw new FindingException("the connection does not end with its client's side of it");
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        var loud = string.Join('\n', server.Log.AboveDebug);
        FindingException.ThrowUnless(loud.Length == 0, $"what a client did is logged above Debug: {loud}");
        return await ReadAsync(output);
    }

    private static void Map(WebSocketServer server)
    {
        server.MapGet("/hello", static (request, _) => new(HttpResponse.Text("hello " + request.Query)));
        server.MapHttp("/body", new HttpRoute(EchoAsync) { Methods = ["POST", "PUT"], MaxBodySize = MaxBodySize });
        server.MapHttp("/unread", new HttpRoute(static (_, _) => new(HttpResponse.Empty())) { Methods = ["POST"], MaxBodySize = MaxBodySize });
    }

    private static async ValueTask<HttpResponse> EchoAsync(HttpRequest request, CancellationToken cancellationToken)
        => HttpResponse.Bytes((await request.ReadBodyAsync(CancellationToken.None)).ToArray(), "application/octet-stream");

    private static async Task SayAsync(WireClient client, byte[] input, Arrivals arrivals)
    {
        var start = 0;
        try
        {
            foreach (var end in arrivals.Ends)
            {
                await client.SendAsync(input[start..end]);
                start = end;
            }
        }
        catch (IOException)
        {
            // The server has had enough.
        }

        client.EndSending();
    }

    private static async Task<IReadOnlyList<(int Status, string Content)>> ReadAsync(byte[] output)
    {
        var responses = new List<(int, string)>();
        using var stream = new MemoryStream(output);
        await using var reader = WireClient.Over(stream, static () => { }, static () => { });
        while (stream.Position < output.Length || !await reader.IsAtEndAsync())
        {
            var response = await reader.ReadResponseAsync();
            if (response.Status == 101)
                return [.. responses, (101, "")];

            // Whether a client is told to go on depends on what has come by then.
            if (response.Status != 100)
                responses.Add((response.Status, Encoding.Latin1.GetString(response.Content)));
        }

        return responses;
    }
}
