namespace RawWs.Host;

/// <summary>The page of the chat, whose files are inside the program: <c>index.html</c> at <c>/</c>, and what it needs below <c>/chat/</c>.</summary>
internal static class ChatPage
{
    /// <summary>Where the page is.</summary>
    public const string Path = "/";

    private const string FilesPath = "/chat/";

    /// <summary>Lets a server answer requests for the page.</summary>
    public static void MapTo(WebSocketServer server)
    {
        foreach (var file in PageFile.AllOf("ChatPage"))
            server.MapGet(file.Name == "index.html" ? Path : FilesPath + file.Name, (request, _) => new(file.Answer(request)));
    }
}
